import { describe, expect, it } from 'vitest';
import { excessOf, type SetDataSample, useOf } from './set-data.ts';

/** One sample each 100 ms; `calls` in each of these steps. */
const samplesOf = (calls: readonly number[], bytesPerCall = 10): SetDataSample[] => {
  let total = 0;
  return [0, ...calls].map((more, step) => {
    total += more;
    return { atMs: step * 100, calls: total, bytes: total * bytesPerCall };
  });
};

describe('use of setData', () => {
  it('is counted from the first sample to the last', () => {
    const samples = samplesOf([1, 0, 2]).map((one) => ({ ...one, calls: one.calls + 7 }));
    expect(useOf(samples, 10)).toMatchObject({ seconds: 0.3, calls: 3, bytes: 30 });
  });

  it('has its busiest second anywhere, also across two whole seconds', () => {
    const quiet = Array(5).fill(0) as number[];
    const busy = Array(10).fill(1) as number[];
    const use = useOf(samplesOf([...quiet, ...busy, ...quiet]), 10);
    expect(use).toMatchObject({ mostCallsPerSecond: 10, mostBytesPerSecond: 100 });
  });
});

describe('the limits', () => {
  const use = useOf(samplesOf([1, 1]), 10);

  it.each([
    ['ten calls a second of 64 KB', { mostCallsPerSecond: 10, largestBytes: 65_536 }, 0, 0],
    ['eleven calls a second', { mostCallsPerSecond: 11 }, 0, 1],
    ['a larger call', { largestBytes: 65_537 }, 0, 1],
    ['a call of what nobody sees', {}, 1, 1],
  ])('%s', (_name, changes, unseenCalls, count) => {
    expect(excessOf({ ...use, ...changes }, unseenCalls)).toHaveLength(count);
  });
});
