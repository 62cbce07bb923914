import { describe, expect, test } from 'vitest';
import { loudnessOf, rmsOf, smoothLevel } from './level.ts';

const constant = (value: number, samples = 160): ArrayBuffer => new Int16Array(samples).fill(value).buffer;

describe('level', () => {
  test('RMS of silence is 0, of full scale 1, of half scale one half', () => {
    expect(rmsOf(constant(0))).toBe(0);
    expect(rmsOf(constant(-32_768))).toBe(1);
    expect(rmsOf(constant(16_384))).toBeCloseTo(0.5, 5);
  });

  test('an empty or odd buffer is no reason to fail', () => {
    expect(rmsOf(new ArrayBuffer(0))).toBe(0);
    expect(rmsOf(new ArrayBuffer(3))).toBe(0);
  });

  test('loudness stays within 0 … 1 and grows with the signal', () => {
    const values = [0, 0.0005, 0.01, 0.1, 0.5, 1].map(loudnessOf);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(values[0]).toBe(0);
    expect(values[1]).toBe(0);
    expect(values.at(-1)).toBe(1);
    expect(values[2]).toBeGreaterThan(0.2);
  });

  test('the meter rises faster than it falls, and comes to rest at exactly 0', () => {
    const up = smoothLevel(0, 1);
    const down = 1 - smoothLevel(1, 0);
    expect(up).toBeGreaterThan(down);
    let level = 1;
    for (let i = 0; i < 40; i++) level = smoothLevel(level, 0);
    expect(level).toBe(0);
  });
});
