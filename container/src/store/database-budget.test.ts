import { expect, it } from 'vitest';
import { FakeClock, flushPromises } from '../../../lib/fake-clock.ts';
import { DatabaseBudget } from './database-budget.ts';

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

it('serves commits first, then clients that come back, then new sessions', async () => {
  const clock = new FakeClock();
  const budget = new DatabaseBudget(clock, 1);
  const done: string[] = [];
  await budget.acquire('start');
  for (const priority of ['start', 'resume', 'commit', 'start', 'commit'] as const)
    void budget.acquire(priority).then(() => done.push(priority));
  await clock.advance(4_900);
  expect(done).toEqual(['commit', 'commit', 'resume', 'start']);
});

it('refuses whoever comes for a session and waits too long, and never a commit', async () => {
  const clock = new FakeClock();
  const budget = new DatabaseBudget(clock, 1);
  const codes: string[] = [];
  const commits: number[] = [];
  for (let i = 0; i < 20; i++) void budget.acquire('commit').then(() => commits.push(i));
  for (const priority of ['resume', 'start'] as const)
    budget.acquire(priority).catch((error) => codes.push(`${priority} ${error.code}`));
  await clock.advance(5_000);
  expect(codes).toEqual(['resume BUSY', 'start BUSY']);
  await clock.advance(20_000);
  expect(commits).toHaveLength(20);
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
  for (const priority of ['lease', 'start', 'commit', 'commit', 'commit', 'commit'] as const)
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
