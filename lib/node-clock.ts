import { systemClock } from './clock.ts';
import type { Timer, TimerClock } from './timer.ts';

/** The clock of a process of Node. Its timers are set again by `refresh`, which is what a timer of each frame of audio needs. */
export const nodeClock: TimerClock = { ...systemClock, timer: (run) => new NodeTimer(run) };

class NodeTimer implements Timer {
  readonly #run: () => void;
  #timeout: NodeJS.Timeout | undefined;
  #ms = 0;

  constructor(run: () => void) {
    this.#run = run;
  }

  set(ms: number): void {
    if (this.#timeout && this.#ms === ms) {
      this.#timeout.refresh();
      return;
    }
    this.cancel();
    this.#ms = ms;
    this.#timeout = setTimeout(this.#run, ms);
  }

  cancel(): void {
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
  }
}
