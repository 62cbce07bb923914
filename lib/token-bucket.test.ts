import { expect, it } from 'vitest';
import { FakeClock } from './fake-clock.ts';
import { KeyedBuckets, TokenBucket } from './token-bucket.ts';

it('lets a burst through, then what is added, and says how long to wait', async () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, { burst: 3, perSecond: 2 });
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 0]);
  expect(bucket.take()).toBe(500);
  await clock.advance(500);
  expect(bucket.take()).toBe(0);
  expect(bucket.take(2)).toBe(1_000);
  await clock.advance(60_000);
  expect([bucket.take(3), bucket.take()]).toEqual([0, 500]);
});

it('says what is waitMs without taking it, and takes back what was not used', () => {
  const bucket = new TokenBucket(new FakeClock(), { burst: 2, perSecond: 1 });
  bucket.take(2);
  expect([bucket.waitMs(), bucket.waitMs(2)]).toEqual([1_000, 2_000]);
  bucket.refund();
  expect([bucket.waitMs(), bucket.take(), bucket.waitMs()]).toEqual([0, 0, 1_000]);
});

it('refuses more than a burst can ever hold without taking anything', () => {
  const bucket = new TokenBucket(new FakeClock(), { burst: 3, perSecond: 1 });
  expect(bucket.take(5)).toBe(2_000);
  expect(bucket.take(3)).toBe(0);
});

it('keeps keys apart and forgets those that are full again', async () => {
  const clock = new FakeClock();
  const buckets = new KeyedBuckets(clock, { burst: 1, perSecond: 1 });
  for (let i = 0; i < 1_000; i++) expect(buckets.take(`user-${i}`)).toBe(0);
  expect(buckets.take('user-7')).toBe(1_000);
  await clock.advance(500);
  expect(buckets.take('one more')).toBe(0);
  expect(buckets.size).toBe(1_001);
  await clock.advance(10_000);
  for (let i = 0; i < 1_000; i++) buckets.take(`later-${i}`);
  expect(buckets.size).toBeLessThan(1_101);
});
