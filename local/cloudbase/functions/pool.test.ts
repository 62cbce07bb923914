import { expect, it, vi } from 'vitest';
import { FakeClock } from '../../../lib/fake-clock.ts';
import type { Instance } from './instance.ts';
import { Pool, type PoolLimits } from './pool.ts';

/** Instances that only count; `exit` is what a dying thread does. */
function poolWith(limits: Partial<PoolLimits> = {}) {
  const instances: { alive: boolean; exit: () => void }[] = [];
  const clock = new FakeClock();
  const pool = new Pool(
    { instances: 1, waiting: 1, waitMs: 10_000, idleMs: 1000, ...limits },
    clock,
    async (onExit) => {
      const instance = {
        alive: true,
        exit: () => {
          instance.alive = false;
          onExit();
        },
        terminate: async () => instance.exit(),
      };
      instances.push(instance);
      return instance as unknown as Instance;
    },
  );
  return { pool, instances, clock };
}
function task() {
  let finish = (): void => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { run: vi.fn(() => done), finish: () => finish() };
}

it('an instance serves one call at a time; the next waits', async () => {
  const { pool, instances } = poolWith();
  const [first, second] = [task(), task()];
  const calls = [pool.use(first.run), pool.use(second.run)];
  await vi.waitFor(() => expect(first.run).toHaveBeenCalled());
  expect(second.run).not.toHaveBeenCalled();
  first.finish();
  second.finish();
  await Promise.all(calls);
  expect(instances).toHaveLength(1);
});

it('more calls than may wait are refused as overload', async () => {
  const { pool } = poolWith();
  const busy = task();
  const calls = [pool.use(busy.run), pool.use(busy.run)];
  await expect(pool.use(busy.run)).rejects.toMatchObject({ kind: 'overloaded' });
  busy.finish();
  await Promise.all(calls);
});

it('an instance without calls is ended after a while, one in use is not', async () => {
  const { pool, clock } = poolWith({ instances: 2 });
  const busy = task();
  const call = pool.use(busy.run);
  await pool.use(async () => {});
  expect(pool.size).toBe(2);
  await clock.advance(1000);
  expect(pool.size).toBe(1);
  busy.finish();
  await call;
});

it('a call that gets no instance in time is refused as overload, and no longer waits', async () => {
  const { pool, clock } = poolWith();
  const busy = task();
  const call = pool.use(busy.run);
  const late = pool.use(busy.run).catch((error: unknown) => error);
  await clock.advance(10_000);
  expect(await late).toMatchObject({ kind: 'overloaded' });
  expect(clock.pending).toBe(0);
  busy.finish();
  await call;
});

it('an instance that dies makes room for another', async () => {
  const { pool, instances } = poolWith();
  await pool.use(async () => instances[0]?.exit());
  await pool.use(async () => {});
  expect(instances).toHaveLength(2);
});

it('a retired pool ends idle instances at once and busy ones after their call', async () => {
  const { pool, instances } = poolWith({ instances: 2 });
  const busy = task();
  const call = pool.use(busy.run);
  await pool.use(async () => {});
  pool.retire();
  expect(instances.map(({ alive }) => alive)).toEqual([true, false]);
  busy.finish();
  await call;
  expect(pool.size).toBe(0);
});
