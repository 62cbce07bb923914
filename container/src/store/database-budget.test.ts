import { expect, it } from 'vitest';
import { FakeClock, flushPromises } from '../../../lib/fake-clock.ts';
import { DatabaseBudget, type Priority } from './database-budget.ts';

it('lets the configured number of requests through a second, in the order they asked', async () => {
  const clock = new FakeClock();
  const budget = new DatabaseBudget(clock, 10);
  const done: number[] = [];
  for (let i = 0; i < 35; i++) void budget.acquire('commit').then(() => done.push(i));
  await flushPromises();
  expect(done).toHaveLength(10);
  await clock.advance(1_000);
  expect(done).toHaveLength(20);
  await clock.advance(1_500);
  expect(done).toEqual(Array.from({ length: 35 }, (_, i) => i));
  expect(clock.pending).toBe(0);
});

it('serves commits first, then clients that come back, then new sessions, where each has had as much', async () => {
  const clock = new FakeClock();
  const budget = new DatabaseBudget(clock, 1);
  const done: string[] = [];
  await budget.acquire('commit');
  for (const priority of ['start', 'resume', 'commit'] as const)
    void budget.acquire(priority).then(() => done.push(priority));
  await clock.advance(3_000);
  expect(done).toEqual(['resume', 'start', 'commit']);
  for (const priority of ['start', 'resume', 'commit'] as const)
    void budget.acquire(priority).then(() => done.push(priority));
  await clock.advance(3_000);
  expect(done.slice(3).sort()).toEqual(['commit', 'resume', 'start']);
});

/** What is served within `seconds` while as much as possible of each of these waits. */
async function servedOf(kinds: readonly Priority[], perSecond: number, seconds: number) {
  const clock = new FakeClock();
  const budget = new DatabaseBudget(clock, perSecond);
  const counts: Partial<Record<Priority, number>> = {};
  const ask = (kind: Priority): void =>
    void budget.acquire(kind).then(
      () => {
        counts[kind] = (counts[kind] ?? 0) + 1;
        ask(kind);
      },
      () => ask(kind),
    );
  for (const kind of kinds) for (let i = 0; i < 20; i++) ask(kind);
  for (let i = 0; i < seconds; i++) await clock.advance(1_000);
  return counts;
}

it('divides the rate while all wait: none of them waits for ever, however many commits there are', async () => {
  // One burst more than the rate; those who asked first have it.
  const all = await servedOf(['commit', 'resume', 'start'], 10, 100);
  expect(all).toEqual({ commit: 410, resume: 400, start: 200 });
  expect(await servedOf(['commit', 'start'], 12, 100)).toEqual({ commit: 812, start: 400 });
  expect((await servedOf(['commit'], 12, 100)).commit).toBe(1_212);
});

it('gives whoever comes after a long time no more than its share: nothing is saved up', async () => {
  const clock = new FakeClock();
  const budget = new DatabaseBudget(clock, 1);
  const done: Priority[] = [];
  const ask = (kind: Priority, count: number): void => {
    for (let i = 0; i < count; i++) void budget.acquire(kind).then(() => done.push(kind));
  };
  ask('commit', 100);
  await clock.advance(60_000);
  ask('resume', 2);
  await clock.advance(4_000);
  expect(done.slice(61)).toEqual(['resume', 'commit', 'resume', 'commit']);
});

it('refuses whoever comes for a session and waits too long, and never a commit', async () => {
  const clock = new FakeClock();
  const budget = new DatabaseBudget(clock, 1);
  const told: Record<string, number> = {};
  const count = (what: string) => () => {
    told[what] = (told[what] ?? 0) + 1;
  };
  for (const priority of ['commit', 'resume', 'start'] as const)
    for (let i = 0; i < 20; i++)
      budget.acquire(priority).then(count(priority), ({ code }) => count(`${priority} ${code}`)());
  await clock.advance(5_000);
  expect(told).toEqual({ commit: 3, resume: 2, start: 1, 'resume BUSY': 18, 'start BUSY': 19 });
  await clock.advance(20_000);
  expect(told.commit).toBe(20);
  expect(clock.pending).toBe(0);
});

it('counts requests that are sent together, and lets a group through that is larger than a burst', async () => {
  const clock = new FakeClock();
  const budget = new DatabaseBudget(clock, 4);
  const done: string[] = [];
  void budget.acquire('commit', 3).then(() => done.push('three'));
  void budget.acquire('commit', 9).then(() => done.push('nine'));
  void budget.acquire('commit').then(() => done.push('one'));
  await flushPromises();
  expect(done).toEqual(['three']);
  await clock.advance(750);
  expect(done).toEqual(['three', 'nine']);
  await clock.advance(250);
  expect(done).toEqual(['three', 'nine', 'one']);
});

it('has room for what can be left out only while nobody waits and half of the burst is there', async () => {
  const clock = new FakeClock();
  const budget = new DatabaseBudget(clock, 10);
  const taken = Array.from({ length: 10 }, () => budget.takeSpare());
  expect(taken.filter((isTaken) => isTaken)).toHaveLength(6);
  await clock.advance(100);
  expect(budget.takeSpare()).toBe(true);
  for (let i = 0; i < 20; i++) void budget.acquire('commit');
  await clock.advance(500);
  expect(budget.takeSpare()).toBe(false);
});

it('serves a lease when nobody else waits, or after two seconds, beyond the rate', async () => {
  const clock = new FakeClock();
  const budget = new DatabaseBudget(clock, 1);
  const done: string[] = [];
  await budget.acquire('commit');
  for (const priority of ['lease', 'commit', 'commit', 'commit', 'commit', 'commit'] as const)
    budget.acquire(priority).then(
      () => done.push(priority),
      () => done.push(`no ${priority}`),
    );
  await clock.advance(1_900);
  expect(done).toEqual(['commit']);
  await clock.advance(150);
  expect(done).toEqual(['commit', 'lease', 'commit']);
  await clock.advance(10_000);
  expect(clock.pending).toBe(0);
  await budget.acquire('lease');
});
