import type { Clock } from './clock.ts';

/** One thing to do later. */
export class Timer {
  private _clock: Clock;
  private _id: unknown;

  constructor(clock: Clock) {
    this._clock = clock;
  }

  /** Forgets what was to be done. @param ms false or undefined: do nothing later */
  _start(ms: number | false | undefined, fn: () => void): void {
    this._stop();
    if (typeof ms === 'number') this._id = this._clock.setTimeout(fn, ms);
  }

  _stop(): void {
    this._clock.clearTimeout(this._id);
  }
}
