import { BYTES_PER_SAMPLE } from '../../contract/limits.ts';

const FIRST_BYTES = 64_000;

/** The audio that a client keeps, by position. It grows in place: appending does not copy what is there. */
export class KeptAudio {
  #bytes = new Uint8Array(FIRST_BYTES);
  /** Of what is kept, in `#bytes`. */
  #from = 0;
  #to = 0;
  #startPos = 0;

  get startPos(): number {
    return this.#startPos;
  }

  get endPos(): number {
    return this.#startPos + (this.#to - this.#from) / BYTES_PER_SAMPLE;
  }

  append(pcm: Uint8Array): void {
    if (this.#to + pcm.byteLength > this.#bytes.byteLength) {
      const kept = this.#bytes.subarray(this.#from, this.#to);
      const grown = new Uint8Array(2 * (kept.byteLength + pcm.byteLength));
      grown.set(kept);
      this.#bytes = grown;
      this.#from = 0;
      this.#to = kept.byteLength;
    }
    this.#bytes.set(pcm, this.#to);
    this.#to += pcm.byteLength;
  }

  /** Audio before `pos` is dropped. */
  forget(pos: number): void {
    const samples = Math.min(pos, this.endPos) - this.#startPos;
    if (samples <= 0) return;
    this.#startPos += samples;
    this.#from += samples * BYTES_PER_SAMPLE;
  }

  /** A copy. */
  read(pos: number, samples: number): Uint8Array {
    const from = this.#from + (pos - this.#startPos) * BYTES_PER_SAMPLE;
    return this.#bytes.slice(from, from + samples * BYTES_PER_SAMPLE);
  }
}
