import type { Clock } from './clock.ts';
import { callSafely, type Listener } from './emitter.ts';

/** An acknowledgement callback; `errorFirst` where it also takes failures. */
export type AckFn = Listener & { errorFirst?: boolean };

interface Waiting {
  fn: AckFn;
  errorFirst: boolean;
  timer: unknown;
}

/** Acknowledgements that are still to come, by the id of their packet. */
export class Acks {
  private waiting = new Map<number, Waiting>();
  private clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get ids(): number[] {
    return Array.from(this.waiting.keys());
  }

  /** @param timeout ms; with one, the callback gets an error first */
  add(id: number, fn: AckFn, timeout: number | undefined, onTimeout: () => void): void {
    const timer = timeout === undefined ? undefined : this.clock.setTimeout(onTimeout, timeout);
    this.waiting.set(id, { fn, errorFirst: !!fn.errorFirst || timer !== undefined, timer });
  }

  /** The answer came. One that nobody waits for is ignored. */
  resolve(id: number | undefined, args: readonly unknown[]): void {
    const ack = this.take(id);
    if (ack) callSafely(ack.fn, undefined, ack.errorFirst ? [null, ...args] : args);
  }

  /** No answer will come. A plain callback has no place for that and is dropped. */
  reject(id: number | undefined, message: string): void {
    const ack = this.take(id);
    if (ack?.errorFirst) callSafely(ack.fn, undefined, [new Error(message)]);
  }

  private take(id: number | undefined): Waiting | undefined {
    const ack = id === undefined ? undefined : this.waiting.get(id);
    if (!ack) return undefined;
    this.waiting.delete(id as number);
    if (ack.timer !== undefined) this.clock.clearTimeout(ack.timer);
    return ack;
  }
}
