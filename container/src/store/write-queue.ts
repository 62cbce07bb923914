import type { Clock } from '../../../lib/clock.ts';

/**
 * A token bucket for the database writes of all sessions of this instance, in order of request. A session waits with one
 * write at a time, and adds to it what happens meanwhile: under load writes get larger, and the queue does not grow.
 */
export class WriteQueue {
  private readonly waiting: (() => void)[] = [];
  private tokens: number;
  private at: number;
  private timer: (() => void) | undefined;
  private readonly clock: Clock;
  private readonly perSecond: number;

  /** @param perSecond writes a second, also the largest burst */
  constructor(clock: Clock, perSecond: number) {
    this.clock = clock;
    this.perSecond = perSecond;
    this.tokens = perSecond;
    this.at = clock.now();
  }

  /** Resolves when the caller may write. */
  acquire(): Promise<void> {
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
