import { describe, expect, it } from 'vitest';
import * as real from '../lib/ima-adpcm.ts';
import * as lossless from './lossless-blocks.ts';
import { audioOf } from './speech.ts';

it('has everything that it takes the place of', () => {
  expect(Object.keys(lossless).sort()).toEqual(Object.keys(real).sort());
});

describe.each([
  ['the real blocks', real],
  ['the simulator’s', lossless],
])('%s', (_name, { AdpcmEncoder, adpcmBytes, adpcmSamples, decodeAdpcm }) => {
  it.each([0, 1, 2, 3, 3_200, 16_001])('have %d samples', (length) => {
    const block = new AdpcmEncoder().encode(new Int16Array(length).fill(5));
    expect([adpcmSamples(block), decodeAdpcm(block).length]).toEqual([length, length]);
    // the simulator's need a few more where what is said is not what they expect
    expect(block.length - adpcmBytes(length)).toBeLessThanOrEqual(6);
  });

  it.each([
    ['too short', [0, 0, 0]],
    ['no such step', [0, 0, 200, 0]],
    ['no such flag', [0, 0, 0, 2]],
  ])('are refused: %s', (_why, bytes) => {
    expect(() => decodeAdpcm(Uint8Array.from(bytes))).toThrow(RangeError);
  });
});

it('keep every sample, whatever it is, and of what is simulated in about the bytes of ADPCM', () => {
  const noise = Int16Array.from({ length: 1_001 }, (_, i) => (i * 7_919) % 65_536);
  const words = [{ spellings: ['今天'], startMs: 300, endMs: 700 }];
  const speech = new Int16Array(audioOf(3, words, 0, 1_000));
  const encoder = new lossless.AdpcmEncoder();
  for (const pcm of [noise, speech, noise.subarray(1, 2), speech.slice(5_001, 9_000)]) {
    const block = encoder.encode(pcm);
    const within = new Uint8Array(block.length + 7);
    within.set(block, 3);
    expect(lossless.decodeAdpcm(within.subarray(3, 3 + block.length))).toEqual(pcm.slice());
  }
  expect(encoder.encode(speech).length).toBeLessThan(real.adpcmBytes(speech.length) + 40);
});
