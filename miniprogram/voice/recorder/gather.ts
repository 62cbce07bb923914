import { BYTES_PER_SAMPLE } from '../../../contract/limits.ts';

/**
 * Hands audio on as soon as the phone gives it, in whole samples: what waited for a piece to be full would be shown later by as long as
 * the next frame takes. Only what is shorter than the least waits for more, since each piece becomes a message. Some phones give an odd
 * number of bytes.
 */
export class Gatherer {
  readonly #leastBytes: number;
  readonly #emit: (piece: ArrayBuffer) => void;
  #rest: Uint8Array = new Uint8Array(0);

  /** @param leastBytes of every piece but the last */
  constructor(leastBytes: number, emit: (piece: ArrayBuffer) => void) {
    this.#leastBytes = leastBytes;
    this.#emit = emit;
  }

  push(chunk: ArrayBuffer): void {
    const bytes = new Uint8Array(this.#rest.length + chunk.byteLength);
    bytes.set(this.#rest);
    bytes.set(new Uint8Array(chunk), this.#rest.length);
    this.#rest = bytes;
    const wholeBytes = bytes.length - (bytes.length % BYTES_PER_SAMPLE);
    if (wholeBytes > 0 && wholeBytes >= this.#leastBytes) this.#handOn(wholeBytes);
  }

  /** Hands on all whole samples. Half a sample at the end is dropped: it would misalign the next recording. */
  flush(): void {
    const wholeBytes = this.#rest.length - (this.#rest.length % BYTES_PER_SAMPLE);
    if (wholeBytes > 0) this.#handOn(wholeBytes);
    this.#rest = new Uint8Array(0);
  }

  #handOn(bytes: number): void {
    const piece = this.#rest.slice(0, bytes);
    this.#rest = this.#rest.slice(bytes);
    this.#emit(piece.buffer);
  }
}
