export interface BackoffRule {
  /** First wait, ms. */
  reconnectionDelay: number;
  /** No wait is longer, ms. */
  reconnectionDelayMax: number;
  /** 0: no jitter; 0.5: each wait is moved by up to half of itself. */
  randomizationFactor: number;
}

const FACTOR = 2;

/** How long to wait before attempt 1, 2, 3 …; jitter keeps phones that lost one server from returning in step. */
export class Backoff {
  attempts = 0;
  private rule: BackoffRule;
  private random: () => number;

  constructor(rule: BackoffRule, random: () => number) {
    this.rule = rule;
    this.random = random;
  }

  /** The wait before the next attempt, whole ms; counts the attempt. */
  next(): number {
    const { reconnectionDelay, reconnectionDelayMax, randomizationFactor } = this.rule;
    // Capped before the jitter, or phones that wait for long would all wait exactly the maximum.
    const base = Math.min(reconnectionDelay * FACTOR ** this.attempts++, reconnectionDelayMax);
    const spread = (this.random() * 2 - 1) * randomizationFactor * base;
    return Math.floor(Math.min(base + spread, reconnectionDelayMax));
  }

  reset(): void {
    this.attempts = 0;
  }
}
