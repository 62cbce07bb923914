import type { Clock } from '../clock.ts';

interface Job {
  at: number;
  fn: () => void;
}

/** A clock that moves only when told to. */
export class ManualClock implements Clock {
  /** What `random()` says; 0.5 is the middle: no jitter. */
  chance = 0.5;
  private time = 1_000_000;
  private jobs = new Map<number, Job>();
  private ids = 0;

  now(): number {
    return this.time;
  }

  random(): number {
    return this.chance;
  }

  setTimeout(fn: () => void, ms: number): unknown {
    this.jobs.set(++this.ids, { at: this.time + ms, fn });
    return this.ids;
  }

  clearTimeout(timer: unknown): void {
    this.jobs.delete(timer as number);
  }

  /** Ms from now to each thing that is due, soonest first. */
  get due(): number[] {
    return [...this.jobs.values()].map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  /** Lets time pass and does what falls due, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const next = [...this.jobs].filter(([, job]) => job.at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!next) break;
      this.time = Math.max(this.time, next[1].at);
      this.jobs.delete(next[0]);
      next[1].fn();
      await settled();
    }
    this.time = end;
    await settled();
  }

  /** Time passes and no timer fires: what a phone does to an app in the background. */
  freeze(ms: number): void {
    this.time += ms;
    for (const job of this.jobs.values()) job.at += ms;
  }
}

/** After the promises that are under way. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
