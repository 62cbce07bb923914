import { describe, expect, it } from 'vitest';
import { TimeMap } from './time-map.ts';

const RATE_HZ = 16_000;
const s = (seconds: number) => seconds * RATE_HZ;

describe('the time map', () => {
  it('begins where the connection began', () => {
    const map = new TimeMap(RATE_HZ);
    map.audio(s(100), s(10));
    expect(map.posAt(2_500)).toBe(s(102.5));
  });

  it('maps injected silence out, piece by piece', () => {
    const map = new TimeMap(RATE_HZ);
    map.audio(0, s(2));
    map.silence(s(2), s(1));
    map.audio(s(2), s(2));
    map.silence(s(4), s(1));
    map.silence(s(4), s(1));
    map.audio(s(4), s(2));
    expect(
      [1_000, 2_000, 2_500, 3_000, 4_000, 5_500, 6_900, 7_000, 8_000].map((ms) => map.posAt(ms) / RATE_HZ),
    ).toEqual([1, 2, 2, 2, 3, 4, 4, 4, 5]);
    expect(map.sentSamples).toBe(s(9));
  });

  it('jumps over a hole', () => {
    const map = new TimeMap(RATE_HZ);
    map.audio(0, s(1));
    map.silence(s(1), s(2));
    map.audio(s(61), s(1));
    expect(map.posAt(3_500)).toBe(s(61.5));
  });

  it('does not run beyond what was sent', () => {
    const map = new TimeMap(RATE_HZ);
    expect(map.posAt(500)).toBe(0);
    map.audio(s(1), s(1));
    expect(map.posAt(9_000)).toBe(s(2));
  });
});
