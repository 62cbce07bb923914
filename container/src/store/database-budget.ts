import { VoiceError } from '../../../contract/errors.ts';
import type { Clock } from '../../../lib/clock.ts';
import { TokenBucket } from '../../../lib/token-bucket.ts';

/** Who goes first: stored text before clients that come back, those before new sessions, and leases last. */
export const PRIORITIES = ['commit', 'resume', 'start', 'lease'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** A client that cannot be served by then is told to come again. Commits wait as long as it takes: they hold text. */
const MAX_WAIT_MS = 5_000;
/** A request for a lease goes after this time, whoever waits: a lease that is not renewed is lost. These are few. */
const MAX_LEASE_WAIT_MS = 2_000;

interface Waiting {
  cost: number;
  resolve: () => void;
}

/**
 * The database requests of all sessions of this instance together: a steady rate with a burst of one second. A session
 * waits with one write at a time, and adds to it what happens meanwhile: under load writes get larger, and the queue does
 * not grow.
 */
export class DatabaseBudget {
  private readonly waiting: Record<Priority, Waiting[]> = {
    commit: [],
    resume: [],
    start: [],
    lease: [],
  };
  private timer: (() => void) | undefined;
  private readonly clock: Clock;
  private readonly bucket: TokenBucket;
  private readonly perSecond: number;

  /** @param perSecond requests a second, also the largest burst */
  constructor(clock: Clock, perSecond: number) {
    this.clock = clock;
    this.perSecond = perSecond;
    this.bucket = new TokenBucket(clock, { burst: perSecond, perSecond });
  }

  /** Requests that wait for their turn. */
  get queued(): number {
    return PRIORITIES.reduce((sum, priority) => sum + this.waiting[priority].length, 0);
  }

  /**
   * Resolves when the caller may send its requests.
   * @param cost how many requests these are
   * @throws VoiceError BUSY: a `resume` or `start` has waited for too long
   */
  acquire(priority: Priority, cost = 1): Promise<void> {
    return new Promise((resolve, reject) => {
      let cancel = () => {};
      const entry: Waiting = {
        cost: Math.min(cost, this.perSecond),
        resolve: () => {
          cancel();
          resolve();
        },
      };
      const queue = this.waiting[priority];
      queue.push(entry);
      this.serve();
      if (priority === 'commit' || !queue.includes(entry)) return;
      cancel = this.clock.after(priority === 'lease' ? MAX_LEASE_WAIT_MS : MAX_WAIT_MS, () => {
        queue.splice(queue.indexOf(entry), 1);
        if (priority === 'lease') resolve();
        else reject(new VoiceError('BUSY', { retryAfterMs: MAX_WAIT_MS }));
      });
    });
  }

  /** Room for one request that can be left out: while nobody waits and half of the burst is there. @returns whether it was taken */
  takeSpare(): boolean {
    if (this.queued > 0 || this.bucket.waitMs(this.perSecond / 2) > 0) return false;
    return this.bucket.take() === 0;
  }

  private serve(): void {
    for (let next = this.first(); next && this.bucket.take(next.cost) === 0; next = this.first()) {
      this.queueOf(next).shift();
      next.resolve();
    }
    const next = this.first();
    if (!next || this.timer) return;
    this.timer = this.clock.after(this.bucket.waitMs(next.cost), () => {
      this.timer = undefined;
      this.serve();
    });
  }

  private first(): Waiting | undefined {
    return PRIORITIES.map((priority) => this.waiting[priority][0]).find((entry) => entry !== undefined);
  }

  private queueOf(entry: Waiting): Waiting[] {
    return PRIORITIES.map((priority) => this.waiting[priority]).find((queue) => queue[0] === entry) ?? [];
  }
}
