import type { Clock } from './clock.ts';

interface Timer {
  at: number;
  /** Timers of the same time run in the order in which they were set. */
  order: number;
  fn: () => void;
}

/** Turns of the microtask queue between two timers; the longest promise chain of the product takes fewer. */
const SETTLE_TURNS = 40;
/** Step of {@link FakeClock.until}, ms. */
const UNTIL_STEP_MS = 50;

/** A clock for tests: it stands still until it is moved. */
export class FakeClock implements Clock {
  private nowMs: number;
  private order = 0;
  private readonly timers = new Set<Timer>();

  constructor(nowMs = 1_760_000_000_000) {
    this.nowMs = nowMs;
  }

  now = (): number => this.nowMs;

  after = (ms: number, fn: () => void): (() => void) => {
    const timer = { at: this.nowMs + Math.max(0, ms), order: this.order++, fn };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };

  /** Timers that are set. */
  get pending(): number {
    return this.timers.size;
  }

  /** Ms from now to each timer that is set, soonest first. */
  get due(): number[] {
    return [...this.timers].map(({ at }) => at - this.nowMs).sort((a, b) => a - b);
  }

  /** Lets `ms` pass, timer by timer; promises flushPromises before each timer and at the end. */
  async advance(ms: number): Promise<void> {
    const end = this.nowMs + ms;
    await flushPromises();
    for (let timer = this.next(end); timer; timer = this.next(end)) {
      this.run(timer);
      await flushPromises();
    }
    this.nowMs = end;
  }

  /** Lets `ms` pass at once: timers run in order, promises flushPromises only afterwards. */
  advanceSync(ms: number): void {
    const end = this.nowMs + ms;
    for (let timer = this.next(end); timer; timer = this.next(end)) this.run(timer);
    this.nowMs = end;
  }

  /** Lets time pass until `done()`. @throws Error after `limitMs` of fake time */
  async until(done: () => boolean, limitMs = 600_000): Promise<void> {
    const end = this.nowMs + limitMs;
    for (await flushPromises(); !done(); await this.advance(UNTIL_STEP_MS))
      if (this.nowMs > end) throw new Error(`still waiting after ${limitMs} ms of fake time`);
  }

  /** Time passes without any timer running and the timers keep their distance, as in an app that is suspended. */
  freeze(ms: number): void {
    this.nowMs += ms;
    for (const timer of this.timers) timer.at += ms;
  }

  private next(until: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.timers) {
      if (timer.at > until) continue;
      if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }

  private run(timer: Timer): void {
    this.timers.delete(timer);
    this.nowMs = Math.max(this.nowMs, timer.at);
    timer.fn();
  }
}

/** Lets everything happen that only waits for promises. */
export async function flushPromises(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) await null;
}
