import type { AckFn } from './acks.ts';
import { callSafely } from './emitter.ts';

interface Queued {
  args: readonly unknown[];
  ack: AckFn | undefined;
  /** Ms for the answer to one try. */
  timeout: number | undefined;
  tries: number;
  pending: boolean;
}

/** Sends an event whose callback gets an error first. @returns false where nothing can leave now */
type Send = (args: readonly unknown[], ack: AckFn, timeout: number | undefined) => boolean;

/**
 * With `retries`: events leave one after another, each when the one before was acknowledged, and are sent again
 * when the acknowledgement fails. So they arrive in order, each at least once.
 */
export class RetryQueue {
  /** The head is the one in flight. */
  readonly items: Queued[] = [];
  private retries: number;
  private send: Send;

  /** @param retries how often an event is sent again before it is given up */
  constructor(retries: number, send: Send) {
    this.retries = retries;
    this.send = send;
  }

  add(args: readonly unknown[], ack: AckFn | undefined, timeout: number | undefined): void {
    this.items.push({ args, ack, timeout, tries: 0, pending: false });
    this.drain();
  }

  /** Sends the head unless it is in flight. @param again the connection is new: what was in flight is lost */
  drain(again?: boolean): void {
    const head = this.items[0];
    if (!head || (head.pending && !again)) return;
    const onAnswer: AckFn = (...[error, ...answer]: unknown[]) => {
      // Settled by the answer to another try.
      if (head !== this.items[0]) return;
      head.pending = false;
      if (!error || head.tries > this.retries) {
        this.items.shift();
        if (head.ack) callSafely(head.ack, undefined, error ? [error] : [null, ...answer]);
      }
      this.drain();
    };
    onAnswer.errorFirst = true;
    if (!this.send(head.args, onAnswer, head.timeout)) return;
    head.pending = true;
    head.tries++;
  }
}
