import type { Clock } from './clock.ts';

/** A timer that is set again before or after it has run: there is at most one call to come. */
export interface Timer {
  /** Calls the function once after `ms`, and not at the time that was set before. */
  set(ms: number): void;
  cancel(): void;
}

/** A clock that has timers which are set again without taking new memory. */
export interface TimerClock extends Clock {
  timer?(run: () => void): Timer;
}

/** A timer on `clock`, its own kind where it has one. */
export function timerOn(clock: TimerClock, run: () => void): Timer {
  if (clock.timer) return clock.timer(run);
  let cancel = (): void => {};
  return {
    set(ms) {
      cancel();
      cancel = clock.after(ms, run);
    },
    cancel: () => cancel(),
  };
}
