import type { Clock } from '../../../lib/clock.ts';

/**
 * Shares the database's request rate among all sessions of this instance, first come first served. A session waits
 * with one write at a time, and what it learns meanwhile joins that write; so under load writes grow, not queues.
 */
export class WriteQueue {
  private readonly waiting: (() => void)[] = [];
  private tokens: number;
  private at: number;
  private timer: (() => void) | undefined;
  private readonly clock: Clock;
  private readonly perSecond: number;

  /** @param perSecond writes a second, also the most that may go at once after a rest */
  constructor(clock: Clock, perSecond: number) {
    this.clock = clock;
    this.perSecond = perSecond;
    this.tokens = perSecond;
    this.at = clock.now();
  }

  /** Resolves when the caller may write. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.serve();
    });
  }

  private serve(): void {
    const now = this.clock.now();
    this.tokens = Math.min(this.perSecond, this.tokens + ((now - this.at) * this.perSecond) / 1000);
    this.at = now;
    while (this.tokens >= 1 && this.waiting.length > 0) {
      this.tokens -= 1;
      this.waiting.shift()?.();
    }
    if (this.waiting.length === 0 || this.timer) return;
    const waitMs = Math.ceil(((1 - this.tokens) * 1000) / this.perSecond);
    this.timer = this.clock.after(waitMs, () => {
      this.timer = undefined;
      this.serve();
    });
  }
}
