import { BYTES_PER_SAMPLE } from '../../../contract/limits.ts';

/** Length of a block: a full ring has 120, and each is saved as one small file. */
const BLOCK_SECONDS = 1;

/** A range of audio, `[fromPos, toPos)` in samples. */
export interface Range {
  /** Position of the first sample. */
  fromPos: number;
  /** Position behind the last sample. */
  toPos: number;
}

/**
 * Ring buffer of the audio that may have to be sent (again), addressed by sample position. At most `maxSamples` are held: the
 * oldest are dropped to make room.
 */
export class AudioRing {
  /** Samples in one block. Block `i` begins at position `i × blockSamples`. */
  readonly blockSamples: number;
  readonly #maxSamples: number;
  readonly #blocks = new Map<number, Uint8Array>();
  #start: number;
  #end: number;

  /** @param startPos position of the first sample that will be appended */
  constructor(rateHz: number, maxSamples: number, startPos = 0) {
    this.blockSamples = rateHz * BLOCK_SECONDS;
    this.#maxSamples = maxSamples;
    this.#start = startPos;
    this.#end = startPos;
  }

  /** Position of the oldest sample that is held. */
  get startPos(): number {
    return this.#start;
  }

  /** Position behind the newest sample. */
  get endPos(): number {
    return this.#end;
  }

  /**
   * Appends PCM 16-bit samples (a trailing half sample is ignored).
   * @returns the range that was dropped to make room, or null
   */
  append(pcm: ArrayBuffer): Range | null {
    const bytes = new Uint8Array(pcm, 0, pcm.byteLength - (pcm.byteLength % BYTES_PER_SAMPLE));
    const fromPos = this.#start;
    for (let offset = 0; offset < bytes.byteLength; ) {
      const block = this.#blockFor(this.#end);
      const at = this.#offsetOf(this.#end);
      const piece = bytes.subarray(offset, offset + block.byteLength - at);
      block.set(piece, at);
      offset += piece.byteLength;
      this.#end += piece.byteLength / BYTES_PER_SAMPLE;
      this.#dropBefore(this.#end - this.#maxSamples);
    }
    return this.#start > fromPos ? { fromPos, toPos: this.#start } : null;
  }

  /** Drops the audio before `pos`. */
  forget(pos: number): void {
    this.#dropBefore(Math.min(pos, this.#end));
  }

  /** Empties the ring; the next sample appended gets the position `pos`. */
  rebase(pos: number): void {
    this.#blocks.clear();
    this.#start = pos;
    this.#end = pos;
  }

  /**
   * A copy of at most `maxSamples` from `pos` on, in a buffer of exactly its size (that is what `wx` sends).
   * @throws RangeError where `pos` is not held
   */
  read(pos: number, maxSamples: number): ArrayBuffer {
    if (pos < this.#start || pos > this.#end) throw new RangeError(`position ${pos} is not in the ring`);
    const samples = Math.min(maxSamples, this.#end - pos);
    const copy = new Uint8Array(samples * BYTES_PER_SAMPLE);
    for (let offset = 0; offset < copy.byteLength; ) {
      const at = pos + offset / BYTES_PER_SAMPLE;
      const begin = this.#offsetOf(at);
      const piece = this.#blockFor(at).subarray(begin, begin + copy.byteLength - offset);
      copy.set(piece, offset);
      offset += piece.byteLength;
    }
    return copy.buffer;
  }

  /** The blocks with audio, oldest first: index and the range that is held. */
  blocks(): { index: number; range: Range }[] {
    const held: { index: number; range: Range }[] = [];
    for (let pos = this.#start; pos < this.#end; ) {
      const index = Math.floor(pos / this.blockSamples);
      const toPos = Math.min((index + 1) * this.blockSamples, this.#end);
      held.push({ index, range: { fromPos: pos, toPos } });
      pos = toPos;
    }
    return held;
  }

  #offsetOf(pos: number): number {
    return (pos % this.blockSamples) * BYTES_PER_SAMPLE;
  }

  #blockFor(pos: number): Uint8Array {
    const index = Math.floor(pos / this.blockSamples);
    let block = this.#blocks.get(index);
    if (!block) {
      block = new Uint8Array(this.blockSamples * BYTES_PER_SAMPLE);
      this.#blocks.set(index, block);
    }
    return block;
  }

  #dropBefore(pos: number): void {
    if (pos <= this.#start) return;
    const firstKept = Math.floor(pos / this.blockSamples);
    for (let index = Math.floor(this.#start / this.blockSamples); index < firstKept; index++)
      this.#blocks.delete(index);
    this.#start = pos;
  }
}
