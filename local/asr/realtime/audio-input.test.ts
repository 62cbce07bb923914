import { expect, test } from 'vitest';
import { WAV_HEADER_BYTES, writeWav } from '../../../lib/wav.ts';
import { AudioInput, DecodeError } from './audio-input.ts';
import { parseParams, type StreamParams } from './params.ts';

function params(voiceFormat: number): StreamParams {
  const parsed = parseParams(
    new Map([
      ['voice_id', 'v'],
      ['nonce', '1'],
      ['voice_format', String(voiceFormat)],
      ['engine_model_type', '16k_zh'],
    ]),
  );
  if ('code' in parsed) throw new Error(parsed.detail);
  return parsed;
}

const samples = Int16Array.from({ length: 100 }, (_, i) => i * 300 - 15_000);

/** What the input gives for bytes that arrive in pieces of `size`. */
function decode(input: AudioInput, bytes: Uint8Array, size: number): number[] {
  const decoded: number[] = [];
  for (let at = 0; at < bytes.length; at += size) decoded.push(...input.push(bytes.subarray(at, at + size)));
  return decoded;
}

test.each([1, 3, 8, 20, 44, 45, 1_000])('a WAV stream may arrive in pieces of %i bytes', (size) => {
  const file = writeWav(samples, 16_000);
  expect(decode(new AudioInput(params(12)), file, size)).toEqual([...samples]);
});

test('the sizes in the header of a WAV stream do not matter', () => {
  const file = writeWav(samples, 16_000);
  new DataView(file.buffer).setUint32(WAV_HEADER_BYTES - 4, 0, true);
  expect(decode(new AudioInput(params(12)), file, 50)).toEqual([...samples]);
});

test.each<[string, Uint8Array]>([
  ['of another rate', writeWav(samples, 8_000)],
  ['with two channels', writeWav(samples, 16_000, 2)],
  ['that is no WAV', new Uint8Array(100)],
])('a WAV stream %s is refused', (_, file) => {
  expect(() => decode(new AudioInput(params(12)), file, 10)).toThrow(DecodeError);
});

test('a WAV header without data is refused at 64 KB', () => {
  const input = new AudioInput(params(12));
  const header = writeWav(samples, 16_000).subarray(0, 36);
  input.push(header);
  expect(() => {
    for (let i = 0; i < 20; i++) input.push(new Uint8Array(4_096).fill(0x20));
  }).toThrow('过长');
});

test('PCM may be split within a sample', () => {
  const bytes = new Uint8Array(samples.buffer);
  expect(decode(new AudioInput(params(1)), bytes, 7)).toEqual([...samples]);
});
