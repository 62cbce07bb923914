/**
 * Cuts a byte stream into pieces of equal size. Phones deliver frames of any size (asked for 4 KB, some give 2 048 or 20 000
 * bytes, some an odd number), so time must not be derived from a frame's length or their count. For levels, not for audio that is to be sent: see `gather.ts`.
 */
export class Rechunker {
  readonly #pieceBytes: number;
  readonly #emit: (piece: ArrayBuffer) => void;
  #rest: Uint8Array = new Uint8Array(0);

  /** @param pieceBytes size of every piece but the last; even, since a sample has two bytes */
  constructor(pieceBytes: number, emit: (piece: ArrayBuffer) => void) {
    if (pieceBytes <= 0 || pieceBytes % 2 !== 0) throw new RangeError('pieceBytes must be even and positive');
    this.#pieceBytes = pieceBytes;
    this.#emit = emit;
  }

  push(chunk: ArrayBuffer): void {
    const bytes = new Uint8Array(this.#rest.length + chunk.byteLength);
    bytes.set(this.#rest);
    bytes.set(new Uint8Array(chunk), this.#rest.length);
    let from = 0;
    for (; bytes.length - from >= this.#pieceBytes; from += this.#pieceBytes) {
      this.#emit(bytes.slice(from, from + this.#pieceBytes).buffer);
    }
    this.#rest = bytes.slice(from);
  }

  /**
   * Emits the remaining whole samples. Half a sample at the end is dropped: carried over into the next recording, it would
   * misalign all samples that follow.
   */
  flush(): void {
    const whole = this.#rest.length - (this.#rest.length % 2);
    const rest = this.#rest.slice(0, whole);
    this.#rest = new Uint8Array(0);
    if (whole > 0) this.#emit(rest.buffer);
  }
}
