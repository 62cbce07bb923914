/** Time as a dependency, so that rules about waiting are tested without waiting. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** Calls `fn` once after `ms`. @returns a function that cancels the call */
  after(ms: number, fn: () => void): () => void;
}

// Declared here because the mini-program runtime has neither Node's nor the browser's types.
declare function setTimeout(fn: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;

/** The runtime's own timers, looked up at each call, so that a page or a test that replaces them is obeyed. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`. */
export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });

/**
 * Settles as `promise` does, or rejects with `onTimeout()` after `ms`. The work behind the promise goes on.
 * @param onTimeout makes the error when the time is over, so that it can say what was being waited for
 */
export function withTimeout<T>(
  promise: Promise<T>,
  clock: Clock,
  ms: number,
  onTimeout: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(onTimeout()));
    promise.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error) => {
        cancel();
        reject(error);
      },
    );
  });
}
