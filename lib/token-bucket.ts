import type { Clock } from './clock.ts';

export interface BucketRule {
  /** What may be taken at once after a rest. */
  readonly burst: number;
  readonly perSecond: number;
}

/** A rate limit: tokens are added steadily up to a burst, and each use takes some. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #rule: BucketRule;
  #tokens: number;
  #atMs: number;

  constructor(clock: Clock, rule: BucketRule) {
    this.#clock = clock;
    this.#rule = rule;
    this.#tokens = rule.burst;
    this.#atMs = clock.now();
  }

  /** @returns 0 if `count` tokens were there and are taken; else after how many ms they will be, and none is taken */
  take(count = 1): number {
    this.#refill();
    const waitMs = count - this.#tokens;
    if (waitMs > 0) return Math.ceil((waitMs * 1000) / this.#rule.perSecond);
    this.#tokens -= count;
    return 0;
  }

  /** As {@link take}, without taking anything. */
  waitMs(count = 1): number {
    this.#refill();
    return Math.max(0, Math.ceil(((count - this.#tokens) * 1000) / this.#rule.perSecond));
  }

  /** Undoes a `take`. */
  refund(count = 1): void {
    this.#tokens = Math.min(this.#rule.burst, this.#tokens + count);
  }

  /** Whether nothing was taken lately: a bucket that need not be remembered. */
  get isFull(): boolean {
    this.#refill();
    return this.#tokens >= this.#rule.burst;
  }

  #refill(): void {
    const now = this.#clock.now();
    // A clock that was set back adds nothing, and takes nothing away.
    const elapsedMs = Math.max(0, now - this.#atMs);
    this.#tokens = Math.min(this.#rule.burst, this.#tokens + (elapsedMs * this.#rule.perSecond) / 1000);
    this.#atMs = now;
  }
}

/** Buckets by key (a user, an address). Those that are full again are forgotten, so memory follows the active keys. */
export class KeyedBuckets {
  readonly #clock: Clock;
  readonly #rule: BucketRule;
  readonly #buckets = new Map<string, TokenBucket>();
  /** The number of keys at which full buckets are looked for. */
  #sweepAt = 1_000;

  constructor(clock: Clock, rule: BucketRule) {
    this.#clock = clock;
    this.#rule = rule;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** As {@link TokenBucket.take}, of the key's own bucket. */
  take(key: string, count = 1): number {
    return this.#bucketOf(key).take(count);
  }

  waitMs(key: string, count = 1): number {
    return this.#bucketOf(key).waitMs(count);
  }

  refund(key: string, count = 1): void {
    this.#bucketOf(key).refund(count);
  }

  #bucketOf(key: string): TokenBucket {
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      if (this.#buckets.size >= this.#sweepAt) this.#sweep();
      bucket = new TokenBucket(this.#clock, this.#rule);
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }

  #sweep(): void {
    for (const [key, bucket] of this.#buckets) if (bucket.isFull) this.#buckets.delete(key);
    this.#sweepAt = Math.max(1_000, 2 * this.#buckets.size);
  }
}
