import { expect, test } from 'vitest';
import { PAGES, SESSIONS, UPLOADS } from '../../contract/records.ts';
import { FakeClock } from '../../lib/fake-clock.ts';
import type { RecordsTx } from '../../records/port.ts';
import type { TimerContext } from '../shared/define.ts';
import type { Store } from '../shared/store.ts';
import { aSession } from '../shared/testing/records.ts';
import { cleanUp } from './clean-up.ts';

/** Time limit of the function `history`, ms (cloudbaserc.json). */
const FUNCTION_LIMIT_MS = 30_000;

/** A database that always finds more to do, and takes `requestMs` for each request. */
function aSlowDatabase(requestMs: number) {
  const clock = new FakeClock(1_760_000_000_000);
  const log: string[] = [];
  const answer = async <T>(what: string, value: T): Promise<T> => {
    log.push(what);
    clock.advanceSync(requestMs);
    return value;
  };
  const session = aSession('orphan-001', { state: 'live', updatedAt: new Date(0) });
  const tx: RecordsTx = {
    get: <T>(name: string) => answer('get', (name === SESSIONS ? session : null) as T | null),
    set: () => answer('set', undefined),
    update: () => answer('update', undefined),
    remove: () => answer('remove', undefined),
  };
  const operators = new Proxy({}, { get: () => () => ({}) });
  const store = {
    command: operators as Store['command'],
    find: (name: string, { limit }: { limit: number }) =>
      answer(
        `find ${name}`,
        Array.from({ length: name === UPLOADS ? 0 : name === PAGES ? 1 : limit }, (_, i) => ({
          _id: `id-${i}`,
        })),
      ),
    update: () => answer('update', 1),
    remove: () => answer('remove', 1),
    insert: () => answer('insert', 'inserted' as const),
    async transaction<T>(fn: (tx: RecordsTx) => Promise<T>): Promise<T> {
      await answer('start', undefined);
      const result = await fn(tx);
      return answer('commit', result);
    },
  } as unknown as Store;
  const call: TimerContext = {
    nowMs: clock.now(),
    clock,
    newId: () => 'id',
    store,
    env: {},
    warn: (what, error) => {
      throw new Error(what, { cause: error });
    },
  };
  const startMs = clock.now();
  return { call, log, tookMs: () => clock.now() - startMs };
}

test.each([20, 200, 600])('a run of the timer ends in time, at %d ms a request', async (requestMs) => {
  const { call, tookMs } = aSlowDatabase(requestMs);
  const done = await cleanUp(call);
  expect(tookMs()).toBeLessThan(FUNCTION_LIMIT_MS - 5_000);
  // and none of its kinds of work starves
  for (const count of [done.orphans, done.purged, done.cancelled]) expect(count).toBeGreaterThan(0);
});
