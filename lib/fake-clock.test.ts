import { expect, test } from 'vitest';
import { FakeClock } from './fake-clock.ts';

test('timers run in the order of their time, and of their setting where it is the same', async () => {
  const clock = new FakeClock(0);
  const ran: string[] = [];
  for (const [name, ms] of [
    ['c', 20],
    ['a', 10],
    ['b', 10],
  ] as const)
    clock.after(ms, () => ran.push(`${name}@${clock.now()}`));
  expect(clock.due).toEqual([10, 10, 20]);
  await clock.advance(15);
  expect(ran).toEqual(['a@10', 'b@10']);
  expect([clock.now(), clock.pending]).toEqual([15, 1]);
});

test('promises settle before the next timer, unless time is moved at once', async () => {
  const order: string[] = [];
  const fill = (clock: FakeClock): void => {
    clock.after(1, () => void Promise.resolve().then(() => order.push('promise')));
    clock.after(2, () => order.push('timer'));
  };
  const clock = new FakeClock();
  fill(clock);
  await clock.advance(5);
  fill(clock);
  clock.advanceSync(5);
  await null;
  expect(order).toEqual(['promise', 'timer', 'timer', 'promise']);
});

test('a timer that is set by a timer runs in the same advance', async () => {
  const clock = new FakeClock(0);
  let at = 0;
  clock.after(10, () => clock.after(10, () => (at = clock.now())));
  await clock.advance(100);
  expect(at).toBe(20);
});

test('a frozen clock moves its timers along', async () => {
  const clock = new FakeClock(0);
  let ran = false;
  clock.after(10, () => {
    ran = true;
  });
  clock.freeze(1_000);
  await clock.advance(9);
  expect([clock.now(), ran]).toEqual([1_009, false]);
  await clock.advance(1);
  expect(ran).toBe(true);
});

test('waiting for a condition is bounded', async () => {
  const clock = new FakeClock(0);
  await clock.until(() => clock.now() >= 200);
  expect(clock.now()).toBe(200);
  await expect(clock.until(() => false, 1_000)).rejects.toThrow('1000 ms');
});
