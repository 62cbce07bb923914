import { describe, expect, it } from 'vitest';
import { at, joined, noise, silence, tone } from '../../testing/audio.ts';
import { Loudness } from './level-meter.ts';

const RATE_HZ = 16_000;

function heard(...parts: Uint8Array[]): { loudness: Loudness; end: number } {
  const pcm = joined(...parts);
  const loudness = new Loudness(RATE_HZ, 0);
  loudness.push(pcm);
  return { loudness, end: pcm.byteLength / 2 };
}

describe('loudness', () => {
  it('finds speech in silence', () => {
    const { loudness, end } = heard(silence(4_000), tone(1_000), silence(1_000));
    expect(loudness.firstLoud(0, end)).toBe(at(4_000));
    expect(loudness.loudMs(0, end)).toBe(1_000);
  });

  it.each([80, 300])('takes the steady noise of a room for quiet (amplitude %i)', (amplitude) => {
    const { loudness, end } = heard(noise(20_000, amplitude));
    expect(loudness.firstLoud(0, end)).toBe(end);
  });

  it.each([100, 500, 2_000])('finds %i ms of speech in such noise', (ms) => {
    const { loudness, end } = heard(noise(6_000, 150), tone(ms), noise(500, 150));
    expect(loudness.firstLoud(0, end)).toBe(at(6_000));
  });

  it('does not take a loud steady sound for a room', () => {
    const { loudness, end } = heard(tone(9_000));
    expect(loudness.firstLoud(0, end)).toBe(0);
  });

  it('measures frames however the audio is cut', () => {
    const pcm = joined(silence(1_000), tone(300), silence(700));
    const loudness = new Loudness(RATE_HZ, 0);
    for (let i = 0; i < pcm.byteLength; i += 998) loudness.push(pcm.subarray(i, i + 998));
    expect(loudness.loudMs(0, at(2_000))).toBe(300);
  });

  it('goes on behind samples that nobody has', () => {
    const { loudness } = heard(tone(1_010));
    loudness.pushSilence(at(5_000));
    loudness.push(tone(990));
    expect(loudness.firstLoud(at(1_100), at(7_000))).toBe(at(6_000));
  });
});
