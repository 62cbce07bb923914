import { MAX_LOSSES } from '../../../contract/limits.ts';
import type { Loss } from '../../../contract/records.ts';

/**
 * The losses with one more: in the order of their times, apart from each other, at most {@link MAX_LOSSES}. Those that overlap are
 * one: a client that resumes from the last commit declares again what it had declared behind it. So are those that touch, for
 * the same reason. Beyond the maximum the last two are merged, with the audio between them.
 */
export function withLoss(losses: readonly Loss[], added: Loss): Loss[] {
  const merged = { ...added };
  const apart = losses.filter(({ startMs, endMs, reason }) => {
    const overlaps = startMs < merged.endMs && merged.startMs < endMs;
    const touches = (startMs === merged.endMs || merged.startMs === endMs) && reason === merged.reason;
    if (!overlaps && !touches) return true;
    merged.startMs = Math.min(merged.startMs, startMs);
    merged.endMs = Math.max(merged.endMs, endMs);
    return false;
  });
  const sorted = [...apart, merged].sort((a, b) => a.startMs - b.startMs);
  const [beforeLast, last] = sorted.slice(-2);
  if (sorted.length <= MAX_LOSSES || !beforeLast || !last) return sorted;
  return [...sorted.slice(0, -2), { ...beforeLast, endMs: last.endMs }];
}
