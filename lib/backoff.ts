/** How the wait between attempts grows: it doubles. */
export interface BackoffRule {
  /** Before the second attempt. */
  readonly firstMs: number;
  /** The longest wait, jitter included. */
  readonly maxMs: number;
  /** Share of the wait by which it varies in both directions, 0 … 1: clients that lost one server must not return in step. */
  readonly jitter: number;
}

/**
 * How long to wait before an attempt, ms.
 * @param attempt 0 for the first
 * @param random in [0, 1)
 */
export const backoffMs = (
  { firstMs, maxMs, jitter }: BackoffRule,
  attempt: number,
  random: () => number,
): number => waitMs(firstMs, maxMs, jitter, attempt, random);

/** As `backoffMs`, with the rule's fields as arguments. */
export function waitMs(
  firstMs: number,
  maxMs: number,
  jitter: number,
  attempt: number,
  random: () => number,
): number {
  // Capped before the jitter too, or all who wait long would wait exactly the maximum.
  const base = Math.min(firstMs * 2 ** attempt, maxMs);
  return Math.min(base + (random() * 2 - 1) * jitter * base, maxMs);
}
