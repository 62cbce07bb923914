import { describe, expect, it } from 'vitest';
import type { PositionedWord } from '../../../contract/records.ts';
import { at, joined, silence, tone } from '../../testing/audio.ts';
import { checkpointAfterFinal } from './checkpoint.ts';
import { LevelMeter } from './level-meter.ts';

const RATE_HZ = 16_000;

function heard(...parts: Uint8Array[]): { levels: LevelMeter; sentPos: number } {
  const pcm = joined(...parts);
  const levels = new LevelMeter(RATE_HZ, 0);
  for (let i = 0; i < pcm.byteLength; i += 3_333 * 2) levels.push(pcm.subarray(i, i + 3_333 * 2));
  return { levels, sentPos: pcm.byteLength / 2 };
}

/** Adds noise at `amplitude`. */
function noisy(pcm: Uint8Array, amplitude: number): Uint8Array {
  const samples = new Int16Array(pcm.slice().buffer);
  let state = 1;
  for (let i = 0; i < samples.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    samples[i] = Math.max(
      -32_768,
      Math.min(32_767, (samples[i] as number) + (state / 2 ** 32 - 0.5) * 2 * amplitude),
    );
  }
  return new Uint8Array(samples.buffer);
}

const sentence = (endMs: number, words: PositionedWord[] = []) => ({
  text: '',
  startPos: 0,
  endPos: at(endMs),
  words,
});
const word = (text: string, startMs: number, endMs: number) => ({
  text,
  startPos: at(startMs),
  endPos: at(endMs),
});

describe('the checkpoint after a final', () => {
  it.each([0, 300])('falls into the pause that ended it (noise %i)', (noise) => {
    const { levels, sentPos } = heard(noisy(joined(tone(2_000), silence(1_200), tone(1_000)), noise));
    for (const endMs of [1_950, 2_000, 2_080]) {
      const checkpoint = checkpointAfterFinal(levels, sentence(endMs), { from: 0, sentPos, rateHz: RATE_HZ });
      expect(checkpoint.overlap).toBeNull();
      expect(checkpoint.pos).toBeGreaterThanOrEqual(at(2_000));
      expect(checkpoint.pos).toBeLessThan(at(2_600));
    }
  });

  it.each([0, 300])('goes back to the last pause where speech went on (noise %i)', (noise) => {
    const { levels, sentPos } = heard(noisy(joined(tone(2_000), silence(300), tone(3_000)), noise));
    const words = [word('一', 0, 2_000), word('二', 2_300, 3_000), word('三', 3_000, 4_000)];
    const checkpoint = checkpointAfterFinal(levels, sentence(4_000, words), {
      from: 0,
      sentPos,
      rateHz: RATE_HZ,
    });
    expect(checkpoint.pos).toBeGreaterThan(at(2_000));
    expect(checkpoint.pos).toBeLessThan(at(2_300));
    expect(checkpoint.overlap).toEqual({ text: '二三', endPos: at(4_000) });
  });

  it('goes back before the last word where the end was forced, although a pause follows: it may be heard only in part', () => {
    const { levels, sentPos } = heard(
      joined(tone(2_000), silence(300), tone(1_000), silence(400), tone(1_000)),
    );
    // 60 ms of the word are not in the sentence
    const words = [word('一', 0, 2_000), word('emai', 2_300, 3_240)];
    const range = { from: 0, sentPos, rateHz: RATE_HZ };
    const forced = checkpointAfterFinal(levels, sentence(3_240, words), { ...range, forced: true });
    expect(forced.overlap).toEqual({ text: 'emai', endPos: at(3_240) });
    expect(forced.pos).toBeLessThan(at(2_300));
    expect(checkpointAfterFinal(levels, sentence(3_240, words), range).overlap).toBeNull();
  });

  it('does not take for a pause what was not sent yet', () => {
    const { levels } = heard(joined(tone(2_000), silence(300), tone(3_000)));
    const words = [word('一', 0, 2_000), word('二', 2_300, 4_000)];
    const checkpoint = checkpointAfterFinal(levels, sentence(4_000, words), {
      from: 0,
      sentPos: at(4_060),
      rateHz: RATE_HZ,
    });
    expect(checkpoint.overlap).toEqual({ text: '二', endPos: at(4_000) });
  });

  it('is at the end where there was no pause, or no word times to tell the overlap by', () => {
    const { levels, sentPos } = heard(tone(5_000));
    const words = [word('一', 0, 4_000)];
    expect(
      checkpointAfterFinal(levels, sentence(4_000, words), { from: 0, sentPos, rateHz: RATE_HZ }),
    ).toEqual({
      pos: at(4_000),
      overlap: null,
    });
  });

  it('never goes back behind what is decided', () => {
    const { levels, sentPos } = heard(tone(1_000), silence(1_000));
    const from = at(1_900);
    expect(
      checkpointAfterFinal(levels, sentence(1_000), { from, sentPos, rateHz: RATE_HZ }).pos,
    ).toBeGreaterThanOrEqual(from);
  });
});
