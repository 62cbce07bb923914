import { VoiceError } from '../../../contract/errors.ts';
import type { Clock } from '../../../lib/clock.ts';
import { TokenBucket } from '../../../lib/token-bucket.ts';

/**
 * What the rate is divided by while more of these wait than it allows: text that is to be stored, clients that come back, new
 * sessions. None of them keeps another one waiting for ever, and what one does not need goes to the others. Commits get more than
 * new sessions, and lose nothing by waiting: the client keeps its audio until they are done.
 */
const SHARES = { commit: 2, resume: 2, start: 1 } as const;
type Shared = keyof typeof SHARES;
const SHARED: readonly Shared[] = ['commit', 'resume', 'start'];
/** Leases come after all others. */
export const PRIORITIES = [...SHARED, 'lease'] as const;
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
  private readonly waiting: Record<Priority, Waiting[]> = { commit: [], resume: [], start: [], lease: [] };
  /** What each has had, divided by its share: whoever has had least is next (start-time fair queueing). */
  private readonly had: Record<Shared, number> = { commit: 0, resume: 0, start: 0 };
  /** What the last one that was served had had before: whoever has not waited lately begins there, and saves nothing up. */
  private served = 0;
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
      if (priority !== 'lease' && queue.length === 0)
        this.had[priority] = Math.max(this.had[priority], this.served);
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
    for (;;) {
      const priority = this.next();
      const entry = priority && this.waiting[priority][0];
      if (!entry) return;
      const waitMs = this.bucket.take(entry.cost);
      if (waitMs > 0) {
        this.serveAfter(waitMs);
        return;
      }
      this.waiting[priority].shift();
      if (priority !== 'lease') {
        this.served = this.had[priority];
        this.had[priority] += entry.cost / SHARES[priority];
      }
      entry.resolve();
    }
  }

  private serveAfter(ms: number): void {
    this.timer ??= this.clock.after(ms, () => {
      this.timer = undefined;
      this.serve();
    });
  }

  /** Whose turn it is; undefined: nobody waits. */
  private next(): Priority | undefined {
    let next: Shared | undefined;
    for (const priority of SHARED)
      if (this.waiting[priority].length > 0 && (!next || this.had[priority] < this.had[next]))
        next = priority;
    return next ?? (this.waiting.lease.length > 0 ? 'lease' : undefined);
  }
}
