/**
 * IMA ADPCM (IMA Digital Audio Focus and Technical Working Groups, Recommended Practices for Enhancing Digital Audio
 * Compatibility in Multimedia Systems 3.0, section 6), mono: 4 bits for a 16-bit sample. Blocks are laid out as in WAV files
 * (Microsoft, New Multimedia Data Types and Data Techniques, "IMA ADPCM"): a header of 4 bytes, then two samples a byte, the
 * first in the low four bits. Only the standard library of ES2017 is used: the mini-program imports this, too.
 */

/** Header of a block: the first sample (int16, little-endian), step index, and {@link PADDED} or 0. */
export const ADPCM_HEADER_BYTES = 4;
/**
 * Fourth byte of the header, always 0 in WAV files. Here 1 says that the last four bits hold no sample, so that a block can have
 * any number of samples.
 */
const PADDED = 1;

// biome-ignore format: the table of the standard
const STEPS = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130, 143,
  157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552,
  1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487,
  12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
] as const;
const LAST_STEP = STEPS.length - 1;
/** By the magnitude of a code, its low three bits. */
const STEP_CHANGES = [-1, -1, -1, -1, 2, 4, 6, 8] as const;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** What the decoder knows after a sample; the encoder follows it, so that errors do not add up. */
class Predictor {
  sample: number;
  step: number;

  constructor(sample: number, step: number) {
    this.sample = sample;
    this.step = step;
  }

  /** The code that brings the prediction nearest to `wanted`. */
  codeFor(wanted: number): number {
    let rest = Math.abs(wanted - this.sample);
    let code = wanted < this.sample ? 8 : 0;
    let part = STEPS[this.step] as number;
    for (let bit = 4; bit > 0; bit >>= 1) {
      if (rest >= part) {
        code |= bit;
        rest -= part;
      }
      part >>= 1;
    }
    return code;
  }

  apply(code: number): number {
    const step = STEPS[this.step] as number;
    let change = step >> 3;
    if (code & 4) change += step;
    if (code & 2) change += step >> 1;
    if (code & 1) change += step >> 2;
    this.sample = clamp(this.sample + (code & 8 ? -change : change), -32_768, 32_767);
    this.step = clamp(this.step + (STEP_CHANGES[code & 7] as number), 0, LAST_STEP);
    return this.sample;
  }
}

/** Bytes of a block of so many samples. */
export const adpcmBytes = (samples: number): number =>
  samples === 0 ? 0 : ADPCM_HEADER_BYTES + Math.ceil((samples - 1) / 2);

/** Encodes a recording in blocks that can be decoded each by itself. The step size goes on from one block to the next. */
export class AdpcmEncoder {
  #step = 0;

  /** One block; of no samples: no bytes. */
  encode(pcm: Int16Array): Uint8Array {
    const block = new Uint8Array(adpcmBytes(pcm.length));
    if (pcm.length === 0) return block;
    const first = pcm[0] as number;
    block[0] = first & 0xff;
    block[1] = (first >> 8) & 0xff;
    block[2] = this.#step;
    block[3] = pcm.length % 2 === 0 ? PADDED : 0;
    const predictor = new Predictor(first, this.#step);
    for (let i = 1; i < pcm.length; i++) {
      const code = predictor.codeFor(pcm[i] as number);
      predictor.apply(code);
      const at = ADPCM_HEADER_BYTES + ((i - 1) >> 1);
      block[at] = i % 2 === 1 ? code : (block[at] as number) | (code << 4);
    }
    this.#step = predictor.step;
    return block;
  }
}

/** Samples of a block. @throws RangeError where it is not one */
export function adpcmSamples(block: Uint8Array): number {
  if (block.length === 0) return 0;
  const padded = block[3] as number;
  const isBlock =
    block.length >= ADPCM_HEADER_BYTES &&
    (block[2] as number) <= LAST_STEP &&
    (padded === 0 || (padded === PADDED && block.length > ADPCM_HEADER_BYTES));
  if (!isBlock) throw new RangeError('not a block of IMA ADPCM');
  return 1 + 2 * (block.length - ADPCM_HEADER_BYTES) - padded;
}

/** The samples of one block. @throws RangeError where it is not one */
export function decodeAdpcm(block: Uint8Array): Int16Array {
  const pcm = new Int16Array(adpcmSamples(block));
  if (pcm.length === 0) return pcm;
  const first = (((block[1] as number) << 8) | (block[0] as number)) << 16;
  const predictor = new Predictor(first >> 16, block[2] as number);
  pcm[0] = predictor.sample;
  for (let i = 1; i < pcm.length; i++) {
    const pair = block[ADPCM_HEADER_BYTES + ((i - 1) >> 1)] as number;
    pcm[i] = predictor.apply(i % 2 === 1 ? pair & 0x0f : pair >> 4);
  }
  return pcm;
}
