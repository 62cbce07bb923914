import { describe, expect, it } from 'vitest';
import * as real from '../lib/ima-adpcm.ts';
import * as lossless from './lossless-blocks.ts';

it('has everything that it takes the place of', () => {
  expect(Object.keys(lossless).sort()).toEqual(Object.keys(real).sort());
});

describe.each([
  ['the real blocks', real],
  ['the simulator’s', lossless],
])('%s', (_name, { AdpcmEncoder, adpcmBytes, adpcmSamples, decodeAdpcm }) => {
  it.each([0, 1, 2, 3, 3_200, 16_001])('have %d samples', (length) => {
    const block = new AdpcmEncoder().encode(new Int16Array(length).fill(5));
    expect([block.length, adpcmSamples(block), decodeAdpcm(block).length]).toEqual([
      adpcmBytes(length),
      length,
      length,
    ]);
  });

  it.each([
    ['too short', [0, 0, 0]],
    ['no such step', [0, 0, 200, 0]],
    ['no such flag', [0, 0, 0, 2]],
  ])('are refused: %s', (_why, bytes) => {
    expect(() => decodeAdpcm(Uint8Array.from(bytes))).toThrow(RangeError);
  });
});

it('keep every sample', () => {
  const pcm = Int16Array.from({ length: 1_001 }, (_, i) => (i * 7_919) % 65_536);
  const encoder = new lossless.AdpcmEncoder();
  for (const from of [0, 1, 500]) {
    const part = pcm.slice(from, 1_001 - from);
    const within = new Uint8Array(2 * part.length + 10);
    within.set(encoder.encode(part), 3);
    expect(lossless.decodeAdpcm(within.subarray(3, 3 + lossless.adpcmBytes(part.length)))).toEqual(part);
  }
});
