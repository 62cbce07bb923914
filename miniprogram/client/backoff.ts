import type { ConnectionOptions } from './options.ts';

const FACTOR = 2;

/**
 * How long to wait before an attempt, ms. The jitter keeps phones that lost one server from returning in step.
 * @param attempt 0 for the first
 */
export function backoffMs(options: ConnectionOptions, attempt: number): number {
  const { reconnectionDelay, reconnectionDelayMax, randomizationFactor, clock } = options;
  // Capped before the jitter, or phones that wait for long would all wait exactly the maximum.
  const base = Math.min(reconnectionDelay * FACTOR ** attempt, reconnectionDelayMax);
  const spread = (clock.random() * 2 - 1) * randomizationFactor * base;
  return Math.min(base + spread, reconnectionDelayMax);
}
