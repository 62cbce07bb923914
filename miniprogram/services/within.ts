import type { Clock } from '../../lib/clock.ts';

/** Gives up waiting after `ms` and rejects with what `late` makes; the work itself goes on. */
export function within<T>(work: Promise<T>, clock: Clock, ms: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(late()));
    work.then(resolve, reject).finally(cancel);
  });
}
