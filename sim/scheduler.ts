import type { Clock } from '../lib/clock.ts';

/** Where simulated time begins, epoch ms. */
export const EPOCH_MS = 1_760_000_000_000;

/** Something arrives: a packet, a request at the database, its answer, what the recogniser says. */
export type Deliver = (channel: object, arrive: () => void) => void;

/** Events that run in one turn of Node's event loop. */
const EVENTS_PER_TURN = 100;

interface ScheduledEvent {
  atMs: number;
  /** Events of the same time run in the order in which they were scheduled. */
  seq: number;
  run: () => void;
  cancelled: boolean;
}

/** Virtual time: one heap of events. After each event all promises settle before the next one runs. */
export class Scheduler {
  nowMs = 0;
  /** Events that have run. */
  steps = 0;
  /** Called for whatever arrives; a search changes the order here. */
  deliver: Deliver = (_channel, arrive) => arrive();
  readonly #heap: ScheduledEvent[] = [];
  #seq = 0;

  /** @param delayMs rounded: with fractions, sums of the same times could differ. @returns a function that cancels the event */
  schedule(delayMs: number, run: () => void): () => void {
    const event = {
      atMs: this.nowMs + Math.max(0, Math.round(delayMs)),
      seq: this.#seq++,
      run,
      cancelled: false,
    };
    this.#push(event);
    return () => {
      event.cancelled = true;
    };
  }

  /**
   * Runs events until `isOver()` or `untilMs`.
   * @param afterEach called when everything that an event led to has settled
   */
  run(untilMs: number, isOver: () => boolean, afterEach: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let hasRun = false;
      let isDone = false;
      const step = () => {
        if (isDone) return;
        try {
          if (hasRun) afterEach();
          hasRun = !isOver() && this.#runNext(untilMs);
          isDone = !hasRun;
          if (isDone) resolve();
        } catch (error) {
          isDone = true;
          reject(error);
        }
      };
      // Node settles all promises between two immediates of one turn of its loop: cheaper than a turn for each event.
      const turn = () => {
        for (let i = 0; i < EVENTS_PER_TURN; i++) setImmediate(step);
        setImmediate(() => {
          if (!isDone) turn();
        });
      };
      turn();
    });
  }

  /** @returns false where no event is left before `untilMs` */
  #runNext(untilMs: number): boolean {
    for (;;) {
      const event = this.#heap[0];
      if (!event || event.atMs > untilMs) return false;
      this.#pop();
      if (event.cancelled) continue;
      this.nowMs = event.atMs;
      this.steps += 1;
      event.run();
      return true;
    }
  }

  #push(event: ScheduledEvent): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent] as ScheduledEvent)) break;
      heap[at] = heap[parent] as ScheduledEvent;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): ScheduledEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (
        child + 1 < heap.length &&
        isBefore(heap[child + 1] as ScheduledEvent, heap[child] as ScheduledEvent)
      )
        child += 1;
      if (!isBefore(heap[child] as ScheduledEvent, last)) break;
      heap[at] = heap[child] as ScheduledEvent;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const isBefore = (a: ScheduledEvent, b: ScheduledEvent): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.seq < b.seq);

/**
 * A process or a phone: what runs on its clock stops when it is killed, and waits while it is paused. Its clock may be wrong by
 * `skewMs`; durations are not.
 */
export class SimulatedHost implements Clock {
  readonly name: string;
  skewMs = 0;
  alive = true;
  readonly #scheduler: Scheduler;
  #pausedUntilMs = 0;
  #pending = 0;

  constructor(name: string, scheduler: Scheduler) {
    this.name = name;
    this.#scheduler = scheduler;
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#pending;
  }

  now = (): number => EPOCH_MS + this.#scheduler.nowMs + this.skewMs;

  after = (ms: number, fn: () => void): (() => void) => {
    this.#pending += 1;
    let done = false;
    const finish = () => {
      if (!done) this.#pending -= 1;
      done = true;
    };
    const fire = () => {
      if (!this.alive || done) return;
      const waitMs = this.#pausedUntilMs - this.#scheduler.nowMs;
      if (waitMs > 0) {
        cancel = this.#scheduler.schedule(waitMs, fire);
        return;
      }
      finish();
      fn();
    };
    let cancel = this.#scheduler.schedule(ms, fire);
    return () => {
      cancel();
      finish();
    };
  };

  get isPaused(): boolean {
    return this.#pausedUntilMs > this.#scheduler.nowMs;
  }

  /** @param atMs of the scheduler */
  wasPausedSince(atMs: number): boolean {
    return this.#pausedUntilMs > atMs;
  }

  pause(ms: number): void {
    // A shorter pause within another one does not end that: what waits for its end would come after what is newer.
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#scheduler.nowMs + ms);
  }

  kill(): void {
    this.alive = false;
  }
}
