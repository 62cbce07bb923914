import { describe, expect, test } from 'vitest';
import { Upsampler } from './upsample.ts';
import { readWav, writeMulawWav, writeWav } from './wav.ts';

const sine = (hz: number, rateHz: number, length: number): Int16Array =>
  Int16Array.from({ length }, (_, i) => Math.round(10_000 * Math.sin((2 * Math.PI * hz * i) / rateHz)));

describe('WAV files', () => {
  const samples = sine(440, 16_000, 1_000);

  test('16-bit PCM comes back exactly', () => {
    expect(readWav(writeWav(samples, 16_000))).toEqual({ sampleRateHz: 16_000, samples });
  });

  test('μ-law comes back within its precision', () => {
    const file = writeMulawWav(Int16Array.of(0, 5, -5, 1_000, -1_000, 32_767, -32_768), 8_000);
    const { samples: decoded } = readWav(file);
    expect([...decoded]).toEqual([0, 8, -8, 988, -988, 32_124, -32_124]);
  });

  test('channels are averaged', () => {
    const file = writeWav(Int16Array.of(100, 300, -100, -300), 16_000);
    file.writeUInt16LE(2, 22);
    expect([...readWav(file).samples]).toEqual([200, -200]);
  });

  test('a data chunk that claims too much is read as far as it goes', () => {
    const file = writeWav(samples, 16_000);
    file.writeUInt32LE(0xffffffff, 40);
    expect(readWav(file).samples).toEqual(samples);
  });

  test('chunks before the data are passed over, odd sizes padded', () => {
    const file = writeWav(samples, 16_000);
    const list = Buffer.from([...Buffer.from('LIST'), 3, 0, 0, 0, 1, 2, 3, 0]);
    expect(readWav(Buffer.concat([file.subarray(0, 36), list, file.subarray(36)])).samples).toEqual(samples);
  });

  test.each<[string, Buffer, string]>([
    ['text', Buffer.from('hello world, no audio'), '不是 WAV'],
    ['a bare header', writeWav(samples, 16_000).subarray(0, 36), '没有数据块'],
    ['a header cut short', writeWav(samples, 16_000).subarray(0, 24), '不完整'],
  ])('%s is refused', (_, file, reason) => {
    expect(() => readWav(file)).toThrow(reason);
  });

  test('24-bit audio is refused', () => {
    const file = writeWav(samples, 16_000);
    file.writeUInt16LE(24, 34);
    expect(() => readWav(file)).toThrow('24 位');
  });
});

describe('from 8 to 16 kHz', () => {
  test('a tone stays the tone it was', () => {
    const out = new Upsampler().push(sine(1_000, 8_000, 800));
    const wanted = sine(1_000, 16_000, 1_600);
    // The first millisecond is the filter's delay: 8 samples in, 16 out; the next is its run-in.
    for (let i = 40; i < out.length; i++) {
      expect(Math.abs((out[i] as number) - (wanted[i - 16] as number))).toBeLessThan(150);
    }
  });

  test('chunks make no difference', () => {
    const pcm = sine(700, 8_000, 500);
    const whole = new Upsampler().push(pcm);
    const upsampler = new Upsampler();
    const pieces = [pcm.subarray(0, 7), pcm.subarray(7, 8), pcm.subarray(8, 300), pcm.subarray(300)];
    expect(pieces.flatMap((piece) => [...upsampler.push(piece)])).toEqual([...whole]);
  });
});
