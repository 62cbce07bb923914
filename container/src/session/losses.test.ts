import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_LOSSES } from '../../../contract/limits.ts';
import type { Loss } from '../../../contract/records.ts';
import { withLoss } from './losses.ts';

const loss = (startMs: number, endMs: number, reason: Loss['reason'] = 'client-overflow'): Loss => ({
  startMs,
  endMs,
  reason,
});
const allOf = (...added: Loss[]): Loss[] => added.reduce<Loss[]>((losses, one) => withLoss(losses, one), []);

describe('losses', () => {
  it('that overlap are one, in whatever order they come', () => {
    expect(allOf(loss(36_000, 45_738), loss(36_000, 59_225))).toEqual([loss(36_000, 59_225)]);
    expect(allOf(loss(65, 86), loss(116, 125), loss(65, 127))).toEqual([loss(65, 127)]);
  });

  it('that touch are one for the same reason, and stay two for different reasons', () => {
    expect(allOf(loss(0, 10), loss(10, 20))).toEqual([loss(0, 20)]);
    expect(allOf(loss(0, 10, 'asr'), loss(10, 20))).toHaveLength(2);
  });

  it('never overlap, are in order and bounded, and cover all that was lost', () => {
    const range = fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 120 }), (ranges) => {
        const losses = allOf(...ranges.map(([startMs, length]) => loss(startMs, startMs + length)));
        expect(losses.length).toBeLessThanOrEqual(MAX_LOSSES);
        for (const [i, { startMs }] of losses.entries())
          expect(startMs).toBeGreaterThan(losses[i - 1]?.endMs ?? -1);
        for (const [startMs, length] of ranges)
          expect(losses.some((one) => one.startMs <= startMs && startMs + length <= one.endMs)).toBe(true);
      }),
    );
  });
});
