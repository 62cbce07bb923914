import type { AsrFailure } from '../asr/types.ts';
import type { RelayRules } from './rules.ts';

/** Counts the recogniser's failures: how long to wait before the next try, and when it counts as away. */
export class RetryPolicy {
  private readonly rules: RelayRules;
  private readonly random: () => number;
  private failures = 0;
  private downSince: number | undefined;
  private told = false;

  constructor(rules: RelayRules, random: () => number) {
    this.rules = rules;
    this.random = random;
  }

  /** No connection is there, or none that works. */
  get isDown(): boolean {
    return this.downSince !== undefined;
  }

  /** A connection is being made. */
  trying(nowMs: number): void {
    this.downSince ??= nowMs;
  }

  /** It was taken; whether it is any good, progress shows. */
  connected(): void {
    this.downSince = undefined;
  }

  /** @returns ms to wait before the next try */
  failed(failure: AsrFailure, nowMs: number): number {
    const { backoffMs } = this.rules;
    this.downSince ??= nowMs;
    this.failures += 1;
    const base = backoffMs[Math.min(this.failures, backoffMs.length) - 1] as number;
    return Math.max(base * (1 - this.random() / 2), failure.retryAfterMs ?? 0);
  }

  /** Whether the recogniser now counts as away; true once until there is progress. */
  exhausted(nowMs: number): boolean {
    const long = this.downSince !== undefined && nowMs - this.downSince >= this.rules.troubleAfterMs;
    if (this.told || !(long || this.failures >= this.rules.troubleAfter)) return false;
    this.told = true;
    return true;
  }

  /** It recognises. @returns whether it had counted as away */
  progress(): boolean {
    const wasTold = this.told;
    this.failures = 0;
    this.downSince = undefined;
    this.told = false;
    return wasTold;
  }
}
