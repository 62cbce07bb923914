/** How often an engine process that ended is started again, and when it is given up. */
export const RESTART = { delaysMs: [0, 1_000, 5_000, 30_000], forgetAfterMs: 300_000 } as const;

/** Counts ends; those long ago are forgotten. */
export class RestartPolicy {
  #ends: number[] = [];

  /** How long to wait before the next start, ms; null: give up. */
  next(now: number): number | null {
    this.#ends = this.#ends.filter((at) => now - at < RESTART.forgetAfterMs);
    const delay = RESTART.delaysMs[this.#ends.length];
    this.#ends.push(now);
    return delay ?? null;
  }
}
