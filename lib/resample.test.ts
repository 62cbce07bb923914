import { describe, expect, test } from 'vitest';
import { resample, Upsampler } from './resample.ts';

const sine = (hz: number, rateHz: number, length: number): Int16Array =>
  Int16Array.from({ length }, (_, i) => Math.round(10_000 * Math.sin((2 * Math.PI * hz * i) / rateHz)));

describe('any rate to any other', () => {
  test('the same rate costs nothing', () => {
    const pcm = sine(440, 16_000, 100);
    expect(resample(pcm, 16_000, 16_000)).toBe(pcm);
  });

  test.each([
    [44_100, 16_000],
    [48_000, 16_000],
    [8_000, 16_000],
    [16_000, 8_000],
  ])('a tone stays the tone it was: %d to %d Hz', (from, to) => {
    const out = resample(sine(1_000, from, from / 10), from, to);
    const expected = sine(1_000, to, to / 10);
    expect(out.length).toBe(expected.length);
    for (let i = 100; i < out.length - 100; i++)
      expect(Math.abs((out[i] as number) - (expected[i] as number))).toBeLessThan(100);
  });

  test('what the lower rate cannot hold is filtered out', () => {
    const out = resample(sine(7_000, 16_000, 1_600), 16_000, 8_000);
    expect(Math.max(...out.subarray(100, 700).map(Math.abs))).toBeLessThan(100);
  });
});

describe('8 to 16 kHz, chunk by chunk', () => {
  test('a tone stays the tone it was', () => {
    const out = new Upsampler().push(sine(1_000, 8_000, 800));
    const expected = sine(1_000, 16_000, 1_600);
    // The filter delays by 8 input samples (16 output samples) and takes as many to run in.
    for (let i = 40; i < out.length; i++)
      expect(Math.abs((out[i] as number) - (expected[i - 16] as number))).toBeLessThan(150);
  });

  test('chunks make no difference', () => {
    const pcm = sine(700, 8_000, 500);
    const whole = new Upsampler().push(pcm);
    const upsampler = new Upsampler();
    const pieces = [pcm.subarray(0, 7), pcm.subarray(7, 8), pcm.subarray(8, 300), pcm.subarray(300)];
    expect(pieces.flatMap((piece) => [...upsampler.push(piece)])).toEqual([...whole]);
  });
});
