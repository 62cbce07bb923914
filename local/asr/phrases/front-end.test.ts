import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../lib/random.ts';
import { analyseRecording } from './bank.ts';
import { decodeBank, encodeBank } from './bank-file.ts';
import { PowerSpectrum } from './fft.ts';
import { MelFrontEnd } from './mel.ts';
import { TUNING } from './tuning.ts';
import { SpeechDetector } from './vad.ts';

test('the FFT gives the power spectrum of the definition', () => {
  const size = 32;
  const random = seededRandom(1);
  const input = Float64Array.from({ length: size }, () => random() - 0.5);
  const out = new Float64Array(size / 2);
  new PowerSpectrum(size).compute(input, out);
  out.forEach((power, k) => {
    let [re, im] = [0, 0];
    input.forEach((x, n) => {
      re += x * Math.cos((2 * Math.PI * k * n) / size);
      im -= x * Math.sin((2 * Math.PI * k * n) / size);
    });
    expect(power).toBeCloseTo(re * re + im * im, 9);
  });
});

const tone = (hz: number, samples: number): Int16Array =>
  Int16Array.from({ length: samples }, (_, i) => 8_000 * Math.sin((2 * Math.PI * hz * i) / 16_000));

test('a tone is strongest in the band that holds it, frame by frame', () => {
  const strongest = (hz: number): number[] => {
    const bands: number[] = [];
    new MelFrontEnd(320).push(tone(hz, 6_400), (energies) =>
      bands.push(energies.indexOf(Math.max(...energies))),
    );
    return bands.slice(2);
  };
  const low = strongest(300);
  const high = strongest(3_000);
  expect(low).toHaveLength(18);
  expect(new Set(low).size).toBe(1);
  expect(high[0]).toBeGreaterThan((low[0] as number) + 8);
});

describe('the speech detector', () => {
  const frame = (level: number): Float32Array => new Float32Array(TUNING.bands).fill(level);

  test('keeps its noise floor during speech', () => {
    const detector = new SpeechDetector(24);
    for (let i = 0; i < 50; i++) detector.next(frame(1e-5));
    for (let i = 0; i < 100; i++) expect(detector.next(frame(1))).toBe(true);
    expect(detector.next(frame(1e-5))).toBe(false);
  });

  test('recognises steady noise within half a second', () => {
    const detector = new SpeechDetector(24);
    const speech = Array.from({ length: 100 }, () => detector.next(frame(0.2)));
    expect(speech.slice(26).some(Boolean)).toBe(false);
  });
});

describe('the bank file', () => {
  const recording = { ...analyseRecording('甲', tone(400, 16_000)), id: 'a', origin: 'a tone' };

  test('stores energies to about a third of a decibel', () => {
    const [decoded] = decodeBank(encodeBank([recording]));
    expect(decoded).toMatchObject({ id: 'a', text: '甲', origin: 'a tone', peak: recording.peak });
    expect(decoded?.rows).toHaveLength(recording.rows.length);
    decoded?.rows.forEach((row, i) => {
      row.forEach((energy, band) => {
        const db = 10 * Math.log10(energy / (recording.rows[i]?.[band] as number));
        expect(Math.abs(db)).toBeLessThan(0.35);
      });
    });
  });

  test('is refused when it is something else', () => {
    expect(() => decodeBank(Buffer.from('nonsense'))).toThrow();
  });
});
