import { expect, test } from 'vitest';
import { Deferred } from './deferred.ts';

test('settles from outside, once', async () => {
  const deferred = new Deferred<number>();
  deferred.resolve(1);
  deferred.resolve(2);
  deferred.reject(new Error('late'));
  await expect(deferred.promise).resolves.toBe(1);
});

test('a rejection before anybody waits is no unhandled one, and still reaches who waits later', async () => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', listener);
  const deferred = new Deferred<never>();
  deferred.reject(new Error('refused'));
  await new Promise(setImmediate);
  process.off('unhandledRejection', listener);
  expect(unhandled).toEqual([]);
  await expect(deferred.promise).rejects.toThrow('refused');
});
