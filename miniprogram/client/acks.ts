import type { Listener } from '../../lib/emitter.ts';

/** An acknowledgement callback; `_errorFirst` where it also takes failures. */
export type AckFn = Listener & { _errorFirst?: boolean };

/** Calls functions of the application, and reports what they throw. */
export interface Caller {
  _callSafely(fn: Listener, args: readonly unknown[]): void;
}

interface PendingAck {
  _fn: AckFn;
  _errorFirst: boolean | undefined;
  _cancelTimer: () => void;
}

/** Callbacks that wait for an acknowledgement, by the id of their packet. */
export class Acks {
  private _waiting = new Map<number | undefined, PendingAck>();
  private _caller: Caller;
  private _expire: (id: number, ms: number) => () => void;

  /** @param expire starts the time limit of an id, and gives what cancels it */
  constructor(caller: Caller, expire: (id: number, ms: number) => () => void) {
    this._caller = caller;
    this._expire = expire;
  }

  get _ids(): (number | undefined)[] {
    return Array.from(this._waiting.keys());
  }

  /** @param timeout ms; with one, the callback gets an error first */
  _add(id: number, fn: AckFn, timeout: number | undefined): void {
    const timed = timeout !== undefined;
    this._waiting.set(id, {
      _fn: fn,
      _errorFirst: fn._errorFirst || timed,
      _cancelTimer: timed ? this._expire(id, timeout) : () => {},
    });
  }

  /**
   * Calls the callback with the answer, or with the failure; an unknown id is ignored.
   * @param failure why there is no answer; a callback that is not error-first is not called then
   */
  _settle(id: number | undefined, failure: string, answer: readonly unknown[] = []): void {
    const ack = this._waiting.get(id);
    if (!ack) return;
    this._waiting.delete(id);
    ack._cancelTimer();
    if (ack._errorFirst) this._caller._callSafely(ack._fn, [failure ? new Error(failure) : null, ...answer]);
    else if (!failure) this._caller._callSafely(ack._fn, answer);
  }
}
