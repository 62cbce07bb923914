import { type ErrorCode, VoiceError } from '../../../contract/errors.ts';
import type { Clock } from '../../../lib/clock.ts';

/** A promise that is settled from outside. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // a rejection that nobody waits for yet is not an unhandled one
    this.promise.catch(() => {});
  }
}

export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });

/** `promise`, or the error `code()` after `ms`. The work behind the promise goes on. */
export function bounded<T>(promise: Promise<T>, clock: Clock, ms: number, code: () => ErrorCode): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(new VoiceError(code())));
    promise.then(resolve, reject).finally(cancel);
  });
}
