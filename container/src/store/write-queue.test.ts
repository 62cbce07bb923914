import { expect, it } from 'vitest';
import { FakeClock, settle } from '../../../lib/fake-clock.ts';
import { WriteQueue } from './write-queue.ts';

it('lets the configured number of writes through a second, in the order they asked', async () => {
  const clock = new FakeClock();
  const queue = new WriteQueue(clock, 10);
  const done: number[] = [];
  for (let i = 0; i < 35; i++) void queue.acquire().then(() => done.push(i));
  await settle();
  expect(done).toHaveLength(10);
  await clock.advance(1_000);
  expect(done).toHaveLength(20);
  await clock.advance(1_500);
  expect(done).toEqual(Array.from({ length: 35 }, (_, i) => i));
  expect(clock.pending).toBe(0);
});
