import { describe, expect, it } from 'vitest';
import { at, joined, noise, silence, tone } from '../../testing/audio.ts';
import { LevelMeter } from './level-meter.ts';

const RATE_HZ = 16_000;

function heard(...parts: Uint8Array[]): { levels: LevelMeter; end: number } {
  const pcm = joined(...parts);
  const levels = new LevelMeter(RATE_HZ, 0);
  levels.push(pcm);
  return { levels, end: pcm.byteLength / 2 };
}

describe('levels', () => {
  it('finds speech in silence', () => {
    const { levels, end } = heard(silence(4_000), tone(1_000), silence(1_000));
    expect(levels.firstLoud(0, end)).toBe(at(4_000));
    expect(levels.loudMs(0, end)).toBe(1_000);
  });

  it.each([80, 300])('takes the steady noise of a room for quiet (amplitude %i)', (amplitude) => {
    const { levels, end } = heard(noise(20_000, amplitude));
    expect(levels.firstLoud(0, end)).toBe(end);
  });

  it.each([100, 500, 2_000])('finds %i ms of speech in such noise', (ms) => {
    const { levels, end } = heard(noise(6_000, 150), tone(ms), noise(500, 150));
    expect(levels.firstLoud(0, end)).toBe(at(6_000));
  });

  it('does not take a loud steady sound for a room', () => {
    const { levels, end } = heard(tone(9_000));
    expect(levels.firstLoud(0, end)).toBe(0);
  });

  it('hears the loudest samples that there are', () => {
    const loudest = new Uint8Array(new Int16Array(at(1_000)).fill(-32_768).buffer);
    const { levels, end } = heard(silence(1_000), loudest);
    expect(levels.firstLoud(0, end)).toBe(at(1_000));
    expect(levels.loudMs(0, end)).toBe(1_000);
  });

  it('measures frames however the audio is cut', () => {
    const pcm = joined(silence(1_000), tone(300), silence(700));
    const levels = new LevelMeter(RATE_HZ, 0);
    for (let i = 0; i < pcm.byteLength; i += 998) levels.push(pcm.subarray(i, i + 998));
    expect(levels.loudMs(0, at(2_000))).toBe(300);
  });

  it('goes on behind samples that nobody has', () => {
    const { levels } = heard(tone(1_010));
    levels.pushSilence(at(5_000));
    levels.push(tone(990));
    expect(levels.firstLoud(at(1_100), at(7_000))).toBe(at(6_000));
  });

  it('finds the same for hours of audio of which most is forgotten', () => {
    const levels = new LevelMeter(RATE_HZ, 0);
    const minute = joined(silence(20_000), tone(30_000), silence(10_000));
    for (let i = 0; i < 120; i++) {
      levels.push(minute);
      const from = at(i * 60_000);
      expect(levels.firstLoud(from + at(15_000), from + at(60_000))).toBe(from + at(20_000));
      expect(levels.loudMs(from + at(15_000), from + at(60_000))).toBe(30_000);
      levels.forgetBefore(from + at(55_000));
    }
    levels.pushSilence(at(7_200_000));
    levels.forgetBefore(at(2 * 7_200_000));
    levels.push(tone(1_000));
    expect(levels.firstLoud(at(2 * 7_200_000 - 1_000), at(2 * 7_200_000 + 500))).toBe(at(2 * 7_200_000));
  });
});
