import { expect, it } from 'vitest';
import { Deferred } from './deferred.ts';
import { KeyedLock } from './keyed-lock.ts';

it('runs work on one key in order, and on different keys at once', async () => {
  const lock = new KeyedLock();
  const first = new Deferred<void>();
  const events: string[] = [];
  const work = (name: string, until: Promise<void>) => async () => {
    events.push(`${name} begins`);
    await until;
    events.push(`${name} ends`);
  };
  const one = lock.run('a', work('one', first.promise));
  const two = lock.run('a', work('two', Promise.resolve()));
  await lock.run('b', work('three', Promise.resolve()));
  expect(events).toEqual(['one begins', 'three begins', 'three ends']);
  first.resolve();
  await Promise.all([one, two]);
  expect(events.slice(3)).toEqual(['one ends', 'two begins', 'two ends']);
});

it('goes on after work that failed, and hands the failure to its caller only', async () => {
  const lock = new KeyedLock();
  const failed = lock.run('a', () => Promise.reject(new Error('no')));
  const next = lock.run('a', async () => 'done');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('done');
});
