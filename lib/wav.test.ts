import { describe, expect, test } from 'vitest';
import {
  pcmToWav,
  readWav,
  readWavHeader,
  toMono,
  WAV_PCM,
  type WavError,
  type WavProblem,
  wavHeader,
  writeMulawWav,
  writeWav,
} from './wav.ts';

const samples = Int16Array.from({ length: 1_000 }, (_, i) => Math.round(10_000 * Math.sin(i / 10)));
const bytes = (...parts: (string | readonly number[] | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Uint8Array.from(part))));
const set16 = (file: Uint8Array, at: number, value: number): Uint8Array => {
  new DataView(file.buffer).setUint16(at, value, true);
  return file;
};
const set32 = (file: Uint8Array, at: number, value: number): Uint8Array => {
  new DataView(file.buffer).setUint32(at, value, true);
  return file;
};
const problemOf = (read: () => unknown): WavProblem | undefined => {
  try {
    read();
  } catch (error) {
    return (error as WavError).problem;
  }
  return undefined;
};

test('16-bit PCM comes back exactly', () => {
  expect(readWav(writeWav(samples, 16_000))).toEqual({ sampleRateHz: 16_000, channels: 1, samples });
});

test('μ-law comes back within its precision', () => {
  const file = writeMulawWav(Int16Array.of(0, 5, -5, 1_000, -1_000, 32_767, -32_768), 8_000);
  expect([...readWav(file).samples]).toEqual([0, 8, -8, 988, -988, 32_124, -32_124]);
});

test('8-bit PCM is unsigned and widened', () => {
  const format = { tag: WAV_PCM, channels: 1, sampleRateHz: 8_000, bitsPerSample: 8 };
  const file = bytes(wavHeader(format, 3), [0, 128, 255]);
  expect([...readWav(file).samples]).toEqual([-32_768, 0, 32_512]);
});

test('channels stay interleaved until they are averaged', () => {
  const wav = readWav(writeWav(Int16Array.of(100, 300, -100, -300), 16_000, 2));
  expect([...wav.samples]).toEqual([100, 300, -100, -300]);
  expect([...toMono(wav)]).toEqual([200, -200]);
  expect(toMono({ ...wav, channels: 1 })).toBe(wav.samples);
});

test('a file of pieces has the header of RIFF, byte by byte, and the samples in order', () => {
  const pieces = [new Int16Array([1, -2]), new Int16Array([3])].map(({ buffer }) => new Uint8Array(buffer));
  const file = pcmToWav(pieces, 16_000).buffer;
  const view = new DataView(file);
  const text = (at: number, length: number): string =>
    String.fromCharCode(...new Uint8Array(file, at, length));
  expect([text(0, 4), text(8, 8), text(36, 4)]).toEqual(['RIFF', 'WAVEfmt ', 'data']);
  expect(view.getUint32(4, true)).toBe(file.byteLength - 8);
  expect([view.getUint16(20, true), view.getUint16(22, true), view.getUint16(34, true)]).toEqual([1, 1, 16]);
  expect([view.getUint32(24, true), view.getUint32(28, true)]).toEqual([16_000, 32_000]);
  expect(view.getUint32(40, true)).toBe(6);
  expect([0, 1, 2].map((i) => view.getInt16(44 + 2 * i, true))).toEqual([1, -2, 3]);
});

test('pieces are joined in order, under a header that says what they are', () => {
  const file = pcmToWav([Uint8Array.of(1, 0), Uint8Array.of(2, 0, 3, 0)], 8_000);
  expect(readWavHeader(file)).toEqual({
    format: { tag: WAV_PCM, channels: 1, sampleRateHz: 8_000, bitsPerSample: 16 },
    dataOffset: 44,
    dataBytes: 6,
  });
  expect(new DataView(file.buffer).getUint32(4, true)).toBe(file.byteLength - 8);
  expect([...readWav(file).samples]).toEqual([1, 2, 3]);
});

describe('a header written before the length was known', () => {
  test.each([0, 0xff_ff_ff_ff])('a data size of %d means all that is there', (size) => {
    expect(readWav(set32(writeWav(samples, 16_000), 40, size)).samples).toEqual(samples);
  });

  test('half a sample at the end is left out', () => {
    expect(readWav(writeWav(samples, 16_000).subarray(0, -1)).samples).toEqual(samples.subarray(0, -1));
  });
});

test('chunks before the data are passed over, odd sizes padded', () => {
  const file = writeWav(samples, 16_000);
  const list = bytes('LIST', [3, 0, 0, 0, 1, 2, 3, 0]);
  expect(readWav(bytes(file.subarray(0, 36), list, file.subarray(36))).samples).toEqual(samples);
});

test('an extensible format names its tag in the sub-format', () => {
  const format = bytes(wavHeader({ tag: 0xfffe, channels: 1, sampleRateHz: 8_000, bitsPerSample: 16 }, 0));
  const chunk = bytes('fmt ', [26, 0, 0, 0], format.subarray(20, 36), [0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
  const file = bytes(format.subarray(0, 12), chunk, 'data', [2, 0, 0, 0, 7, 0]);
  expect([...readWav(file).samples]).toEqual([7]);
});

test.each<[string, WavProblem, Uint8Array]>([
  ['text', 'not-wav', bytes('hello world, no audio')],
  ['nothing', 'not-wav', new Uint8Array()],
  ['a header without data', 'no-data', writeWav(samples, 16_000).subarray(0, 36)],
  ['a format that is cut short', 'no-data', writeWav(samples, 16_000).subarray(0, 24)],
  ['data before any format', 'no-format', bytes('RIFF\0\0\0\0WAVEdata', [4, 0, 0, 0, 0, 0, 0, 0])],
  ['no channels', 'bad-format', set16(writeWav(samples, 16_000), 22, 0)],
  ['24 bits', 'unsupported', set16(writeWav(samples, 16_000), 34, 24)],
  ['an encoding that it does not know', 'unsupported', set16(writeWav(samples, 16_000), 20, 85)],
])('%s is refused: %s', (_, problem, file) => {
  expect(problemOf(() => readWav(file))).toBe(problem);
});
