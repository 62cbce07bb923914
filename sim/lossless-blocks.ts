/**
 * In the simulator in the place of `lib/ima-adpcm.ts` (see build.ts): a simulated recogniser reads who speaks and when from every bit of
 * a sample, and ADPCM keeps only what an ear needs. These blocks keep every sample, in about as many bytes: four bits say that a
 * sample is what speech.ts has behind the ones before it, which it nearly always is. They begin with the same header, decode each
 * by itself, and are refused for the same reasons.
 */

export const ADPCM_HEADER_BYTES = 4;
const LAST_STEP = 88;
const PADDED = 1;
/** Of the number of samples, behind the header. */
const COUNT_BYTES = 2;

/** Four bits: the sample is as expected, or the next 16 bits are the sample. */
const EXPECTED = 0;
const OTHER = 15;
/** See speech.ts: of three loud samples in a row the first counts up. */
const LOUD = 8_192;
const DIGIT = 4_096;

/** What follows: the same as three samples before, or one more. */
function expectedAt(pcm: ArrayLike<number>, i: number): number {
  const before = i < 3 ? 0 : (pcm[i - 3] as number);
  return before >= LOUD && before < LOUD + DIGIT ? before + 1 : before;
}

/** About: a little more where words begin and end. */
export const adpcmBytes = (samples: number): number =>
  samples === 0 ? 0 : ADPCM_HEADER_BYTES + COUNT_BYTES + Math.ceil(samples / 2);

export class AdpcmEncoder {
  /** Of the last block: it goes on from one block to the next, and says nothing here. */
  #step = 0;

  encode(pcm: Int16Array): Uint8Array {
    if (pcm.length === 0) return new Uint8Array(0);
    const first = pcm[0] as number;
    const fours: number[] = [];
    for (let i = 0; i < pcm.length; i++) {
      const sample = pcm[i] as number;
      if (sample === expectedAt(pcm, i)) fours.push(EXPECTED);
      else fours.push(OTHER, (sample >> 12) & 15, (sample >> 8) & 15, (sample >> 4) & 15, sample & 15);
    }
    const block = new Uint8Array(ADPCM_HEADER_BYTES + COUNT_BYTES + Math.ceil(fours.length / 2));
    const { length } = pcm;
    block.set([
      first & 255,
      (first >> 8) & 255,
      this.#step,
      length % 2 === 0 ? PADDED : 0,
      length & 255,
      length >> 8,
    ]);
    for (let i = 0; i < fours.length; i++) {
      const at = ADPCM_HEADER_BYTES + COUNT_BYTES + (i >> 1);
      block[at] = (block[at] as number) | ((fours[i] as number) << (i % 2 === 0 ? 0 : 4));
    }
    this.#step = (this.#step + 1) % (LAST_STEP + 1);
    return block;
  }
}

/** @throws RangeError where it is not one */
export const adpcmSamples = (block: Uint8Array): number => decodeAdpcm(block).length;

/** @throws RangeError where it is not one */
export function decodeAdpcm(block: Uint8Array): Int16Array {
  if (block.length === 0) return new Int16Array(0);
  const [, , step = 0, padded, low = 0, high = 0] = block;
  const pcm = new Int16Array(low | (high << 8));
  if (step > LAST_STEP || pcm.length === 0 || padded !== (pcm.length % 2 === 0 ? PADDED : 0)) throw noBlock();
  let at = 2 * (ADPCM_HEADER_BYTES + COUNT_BYTES);
  const four = (): number => {
    const pair = block[at >> 1];
    if (pair === undefined) throw noBlock();
    return at++ % 2 === 0 ? pair & 15 : pair >> 4;
  };
  for (let i = 0; i < pcm.length; i++)
    pcm[i] =
      four() === EXPECTED ? expectedAt(pcm, i) : (four() << 12) | (four() << 8) | (four() << 4) | four();
  return pcm;
}

const noBlock = (): RangeError => new RangeError('not a block of IMA ADPCM');
