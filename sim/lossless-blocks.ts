/**
 * In the simulator in the place of `lib/ima-adpcm.ts` (see build.ts): a simulated recogniser reads who speaks and when from every bit of
 * a sample, and ADPCM keeps only what an ear needs. The blocks have the same header, decode each by itself, and are refused for the
 * same reasons, but every sample is kept in 16 bits.
 */

export const ADPCM_HEADER_BYTES = 4;
const LAST_STEP = 88;
const PADDED = 1;

export const adpcmBytes = (samples: number): number =>
  samples === 0 ? 0 : ADPCM_HEADER_BYTES + 2 * (samples - 1);

export class AdpcmEncoder {
  /** Of the last block: it goes on from one block to the next, and says nothing here. */
  #step = 0;

  encode(pcm: Int16Array): Uint8Array {
    const block = new Uint8Array(adpcmBytes(pcm.length));
    if (pcm.length === 0) return block;
    const view = new DataView(block.buffer);
    view.setInt16(0, pcm[0] as number, true);
    block[2] = this.#step;
    block[3] = pcm.length % 2 === 0 ? PADDED : 0;
    for (let i = 1; i < pcm.length; i++) view.setInt16(2 * (i + 1), pcm[i] as number, true);
    this.#step = (this.#step + 1) % (LAST_STEP + 1);
    return block;
  }
}

/** @throws RangeError where it is not one */
export function adpcmSamples(block: Uint8Array): number {
  if (block.length === 0) return 0;
  const [, , step = 0, padded] = block;
  const samples = 1 + (block.length - ADPCM_HEADER_BYTES) / 2;
  const isBlock =
    block.length >= ADPCM_HEADER_BYTES &&
    step <= LAST_STEP &&
    Number.isInteger(samples) &&
    padded === (samples % 2 === 0 ? PADDED : 0);
  if (!isBlock) throw new RangeError('not a block of IMA ADPCM');
  return samples;
}

/** @throws RangeError where it is not one */
export function decodeAdpcm(block: Uint8Array): Int16Array {
  const pcm = new Int16Array(adpcmSamples(block));
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  for (let i = 0; i < pcm.length; i++) pcm[i] = view.getInt16(i === 0 ? 0 : 2 * (i + 1), true);
  return pcm;
}
