import type { AckFn, Caller } from './acks.ts';

interface Queued {
  /** Sends it; the callback gets an error first. @returns false where nothing can be sent now */
  _send: (onAnswer: AckFn) => boolean;
  _ack: AckFn | undefined;
  _tries: number;
  _pending: boolean;
}

/**
 * With `retries`: events are sent one after another, each when the one before was acknowledged, and again when the
 * acknowledgement fails. So they arrive in order, each at least once.
 */
export class RetryQueue {
  /** The head is the one in flight. */
  readonly _items: Queued[] = [];
  readonly _retries: number;
  private _caller: Caller;

  /** @param retries how often an event is sent again before it is given up */
  constructor(retries: number, caller: Caller) {
    this._retries = retries;
    this._caller = caller;
  }

  _add(send: Queued['_send'], ack: AckFn | undefined): void {
    this._items.push({ _send: send, _ack: ack, _tries: 0, _pending: false });
    this._drain();
  }

  /** Sends the head unless it is in flight. When the connection is lost, its callback gets an error and it is sent again. */
  _drain(): void {
    const head = this._items[0];
    if (!head || head._pending) return;
    const onAnswer: AckFn = (...answer: unknown[]) => {
      head._pending = false;
      if (!answer[0] || head._tries > this._retries) {
        this._items.shift();
        if (head._ack) this._caller._callSafely(head._ack, answer);
      }
      this._drain();
    };
    onAnswer._errorFirst = true;
    if (head._send(onAnswer)) {
      head._pending = true;
      head._tries++;
    }
  }
}
