import { describe, expect, test } from 'vitest';
import { ADPCM_HEADER_BYTES, AdpcmEncoder, adpcmBytes, adpcmSamples, decodeAdpcm } from './ima-adpcm.ts';
import { seededRandom } from './random.ts';

const sine = (hz: number, length: number, amplitude = 10_000): Int16Array =>
  Int16Array.from({ length }, (_, i) => Math.round(amplitude * Math.sin((2 * Math.PI * hz * i) / 16_000)));

/** Signal to noise, dB. */
function snr(original: Int16Array, decoded: Int16Array): number {
  let signal = 0;
  let noise = 0;
  for (const [i, sample] of original.entries()) {
    signal += sample ** 2;
    noise += (sample - (decoded[i] as number)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

describe('what the standard says', () => {
  test('a block decodes as the reference does', () => {
    // First sample 0, step index 0 (step 7). Code 4: 7 + 7/8 → +7, the step goes on to index 2 (9). Code 12: the negative, −(9 + 1).
    expect([...decodeAdpcm(Uint8Array.of(0, 0, 0, 0, 0xc4))]).toEqual([0, 7, -3]);
  });

  test('the first sample is stored as it is, also the smallest', () => {
    for (const sample of [-32_768, -1, 0, 1, 32_767]) {
      expect([...decodeAdpcm(new AdpcmEncoder().encode(Int16Array.of(sample)))]).toEqual([sample]);
    }
  });

  test('the prediction does not leave 16 bits', () => {
    const loud = Int16Array.from({ length: 400 }, (_, i) => (i % 40 < 20 ? 32_767 : -32_768));
    const decoded = decodeAdpcm(new AdpcmEncoder().encode(loud));
    expect(Math.max(...decoded)).toBe(32_767);
    expect(Math.min(...decoded)).toBe(-32_768);
  });
});

describe('blocks', () => {
  test.each([0, 1, 2, 3, 640, 641])('%d samples come back as so many', (length) => {
    const block = new AdpcmEncoder().encode(sine(440, length));
    expect(block.length).toBe(adpcmBytes(length));
    expect(adpcmSamples(block)).toBe(length);
    expect(decodeAdpcm(block)).toHaveLength(length);
  });

  test('four bits a sample, and a header', () => {
    expect(adpcmBytes(3_201)).toBe(ADPCM_HEADER_BYTES + 1_600);
  });

  test('each decodes by itself, and joined they are the recording', () => {
    const encoder = new AdpcmEncoder();
    const speech = sine(300, 16_000);
    const blocks = [];
    for (let at = 0; at < speech.length; at += 3_200)
      blocks.push(encoder.encode(speech.subarray(at, at + 3_200)));
    const joined = Int16Array.from(
      blocks
        .reverse()
        .map(decodeAdpcm)
        .reverse()
        .flatMap((pcm) => [...pcm]),
    );
    expect(snr(speech, joined)).toBeGreaterThan(30);
  });

  test('a block in the middle of a view', () => {
    const block = new AdpcmEncoder().encode(sine(500, 101));
    const within = new Uint8Array(block.length + 7);
    within.set(block, 3);
    expect(decodeAdpcm(within.subarray(3, 3 + block.length))).toEqual(decodeAdpcm(block));
  });

  test.each([
    ['shorter than a header', [0, 0, 0]],
    ['a step that does not exist', [0, 0, 89, 0, 1]],
    ['an unknown flag', [0, 0, 0, 2, 1]],
    ['padding without a code', [0, 0, 0, 1]],
  ])('refused: %s', (_, bytes) => {
    expect(() => decodeAdpcm(Uint8Array.from(bytes))).toThrow(RangeError);
  });

  test('any bytes are decoded or refused, never more samples than 2 a byte', () => {
    const random = seededRandom(7);
    for (let i = 0; i < 2_000; i++) {
      const bytes = Uint8Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256));
      let samples = 0;
      try {
        samples = decodeAdpcm(bytes).length;
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
      expect(samples).toBeLessThanOrEqual(2 * bytes.length);
    }
  });
});

test.each([200, 1_000, 3_000])('a tone of %d Hz keeps at least 20 dB of its distance from noise', (hz) => {
  const tone = sine(hz, 16_000);
  expect(snr(tone, decodeAdpcm(new AdpcmEncoder().encode(tone)))).toBeGreaterThan(20);
});
