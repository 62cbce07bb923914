import type { Clock } from './clock.ts';
import { callSafely, type Listener } from './emitter.ts';
import { Timer } from './timer.ts';

/** An acknowledgement callback; `_errorFirst` where it also takes failures. */
export type AckFn = Listener & { _errorFirst?: boolean };

interface Waiting {
  _fn: AckFn;
  _errorFirst: boolean | undefined;
  _timer: Timer;
}

/** Acknowledgements that are still to come, by the id of their packet. */
export class Acks {
  private _waiting = new Map<number | undefined, Waiting>();
  private _clock: Clock;
  private _onTimeout: (id: number) => void;

  constructor(clock: Clock, onTimeout: (id: number) => void) {
    this._clock = clock;
    this._onTimeout = onTimeout;
  }

  get _ids(): (number | undefined)[] {
    return Array.from(this._waiting.keys());
  }

  /** @param timeout ms; with one, the callback gets an error first */
  _add(id: number, fn: AckFn, timeout: number | undefined): void {
    const timer = new Timer(this._clock);
    timer._start(timeout, () => this._onTimeout(id));
    this._waiting.set(id, { _fn: fn, _errorFirst: fn._errorFirst || timeout !== undefined, _timer: timer });
  }

  /**
   * The answer came, or never will. What nobody waits for is ignored.
   * @param failure a plain callback has no place for it and is dropped
   */
  _settle(id: number | undefined, failure: string, answer: readonly unknown[] = []): void {
    const ack = this._waiting.get(id);
    if (!ack) return;
    this._waiting.delete(id);
    ack._timer._stop();
    if (ack._errorFirst) callSafely(ack._fn, this, [failure ? new Error(failure) : null, ...answer]);
    else if (!failure) callSafely(ack._fn, this, answer);
  }
}
