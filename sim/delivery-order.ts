import type { Deliver, Scheduler } from './scheduler.ts';

/** A delivery that others overtake. */
export interface Hold {
  /** Which one: 1 is the first from the moment on from which they are counted. */
  number: number;
  /** It arrives behind so many others. */
  behind: number;
}

/** A delivery that nothing overtakes arrives after this time: longer than the SDK waits for an answer, ms. */
const MAX_HOLD_MS = 7_000;

interface Held {
  channel: object;
  left: number;
  arrivals: (() => void)[];
}

/** Changes the order of deliveries. Within one channel (a direction of a connection, a stream) they stay in order. */
export class DeliveryOrder {
  readonly #scheduler: Scheduler;
  readonly #fromMs: number;
  readonly #behind: ReadonlyMap<number, number>;
  readonly #held: Held[] = [];
  #count = 0;

  /** @param fromMs deliveries before it are not counted */
  constructor(scheduler: Scheduler, fromMs: number, holds: readonly Hold[]) {
    this.#scheduler = scheduler;
    this.#fromMs = fromMs;
    this.#behind = new Map(holds.map(({ number, behind }) => [number, behind]));
  }

  readonly deliver: Deliver = (channel, arrive) => {
    if (this.#scheduler.nowMs < this.#fromMs) {
      arrive();
      return;
    }
    const before = this.#held.find((held) => held.channel === channel);
    if (before) {
      before.arrivals.push(arrive);
      return;
    }
    this.#count += 1;
    const left = this.#behind.get(this.#count);
    if (left !== undefined) {
      const held = { channel, left, arrivals: [arrive] };
      this.#held.push(held);
      this.#scheduler.schedule(MAX_HOLD_MS, () => this.#release(held));
      return;
    }
    arrive();
    for (const held of [...this.#held]) {
      held.left -= 1;
      if (held.left === 0) this.#scheduler.schedule(0, () => this.#release(held));
    }
  };

  #release(held: Held): void {
    const at = this.#held.indexOf(held);
    if (at < 0) return;
    this.#held.splice(at, 1);
    for (const arrive of held.arrivals) this.#scheduler.schedule(0, arrive);
  }
}
