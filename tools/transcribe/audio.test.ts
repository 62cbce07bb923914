import { describe, expect, test } from 'vitest';
import { resample } from '../../lib/resample.ts';
import { toMono, WAV_MULAW, WAV_PCM, wavHeader } from '../../lib/wav.ts';
import { readWav } from './wav.ts';

/** A WAV file whose header may claim anything. */
const wavFile = (samples: Int16Array, { channels = 1, bits = 16, tag = WAV_PCM } = {}): Buffer => {
  const format = { tag, channels, sampleRateHz: 16_000, bitsPerSample: bits };
  return Buffer.concat([wavHeader(format, samples.byteLength), Buffer.from(samples.buffer)]);
};

const SECOND = 1;
/** A sine of half the full scale. */
const tone = (hz: number, rateHz: number): Int16Array =>
  Int16Array.from({ length: SECOND * rateHz }, (_, i) =>
    Math.round(16_000 * Math.sin((2 * Math.PI * hz * i) / rateHz)),
  );
/** Root mean square, without the first and last tenth. */
const level = (samples: Int16Array): number => {
  const middle = samples.subarray(samples.length / 10, (samples.length * 9) / 10);
  return Math.sqrt(middle.reduce((sum, sample) => sum + sample ** 2, 0) / middle.length);
};

describe('WAV', () => {
  const samples = Int16Array.from([1, -2, 300, -32_768]);

  test('gives its samples, rate and channels', () => {
    expect(readWav(wavFile(samples))).toEqual({ sampleRateHz: 16_000, channels: 1, samples });
  });

  test('chunks before the audio are skipped', () => {
    const plain = wavFile(samples);
    const list = Buffer.from('LIST\x05\x00\x00\x00INFOx\x00', 'latin1');
    const file = Buffer.concat([plain.subarray(0, 36), list, plain.subarray(36)]);
    expect(readWav(file).samples).toEqual(samples);
  });

  test('a recording that was cut off, with no length or one beyond the end, gives what is there', () => {
    for (const size of [0, 0xffff_ffff]) {
      const file = wavFile(samples);
      file.writeUInt32LE(size, 40);
      expect(readWav(file).samples).toEqual(samples);
    }
  });

  test('μ-law is expanded: its extremes, its zeros', () => {
    const file = wavFile(Int16Array.from([0x80_00, 0x7f_ff]), { bits: 8, tag: WAV_MULAW });
    // little-endian: the bytes 00 80 ff 7f
    expect([...readWav(file).samples]).toEqual([-32_124, 32_124, 0, 0]);
  });

  test.each([
    ['no WAV at all', Buffer.from('ID3 something else'), 'ffmpeg'],
    ['another width', wavFile(samples, { bits: 24 }), '24 位'],
    ['nonsense', wavFile(samples, { channels: 60 }), '60 声道'],
    ['no audio', wavFile(samples).subarray(0, 36), '没有音频数据'],
  ])('%s is refused and says what to do', (_, file, message) => {
    expect(() => readWav(file)).toThrow(message);
  });

  test('two channels become their mean', () => {
    const wav = readWav(wavFile(Int16Array.from([10, 20, -100, 100]), { channels: 2 }));
    expect([...toMono(wav)]).toEqual([15, 0]);
  });
});

describe('another sample rate', () => {
  test.each([48_000, 44_100, 8_000])('%d Hz → 16 kHz keeps length and level of a tone', (from) => {
    const out = resample(tone(1_000, from), from, 16_000);
    expect(out.length).toBe(16_000);
    expect(level(out) / level(tone(1_000, 16_000))).toBeCloseTo(1, 2);
  });

  test('what the new rate cannot hold is gone, not folded down', () => {
    expect(level(resample(tone(12_000, 48_000), 48_000, 16_000))).toBeLessThan(16);
  });

  test('the same rate is the same audio', () => {
    const samples = tone(440, 16_000);
    expect(resample(samples, 16_000, 16_000)).toBe(samples);
  });
});
