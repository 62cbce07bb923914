import type { Clock } from '../../utils/clock.ts';

/** Promise chains settle this many turns deep between two timers. */
const TURNS = 40;

/** A clock that stands still until it is moved. Timers run in the order of their time, promises settle in between. */
export class FakeClock implements Clock {
  #now: number;
  #timers: { at: number; order: number; fn: () => void }[] = [];
  #order = 0;

  constructor(now = 1_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets `ms` pass. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.#settle();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      const due = next;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.fn();
      await this.#settle();
    }
    this.#now = until;
  }

  /** The clock is set forward; no timer notices. */
  jump(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) timer.at += ms;
  }

  /** Lets time pass until `done`, at most `limitMs`. @throws Error if it never came */
  async until(done: () => boolean, limitMs = 600_000): Promise<void> {
    const end = this.#now + limitMs;
    for (await this.#settle(); !done(); await this.advance(50))
      if (this.#now > end) throw new Error(`still waiting after ${limitMs} ms of fake time`);
  }

  #next(until: number): { at: number; order: number; fn: () => void } | undefined {
    const due = this.#timers.filter((timer) => timer.at <= until);
    return due.sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await null;
  }
}
