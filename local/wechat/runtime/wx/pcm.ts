/** Turns the microphone's blocks into frames of a fixed number of bytes. */
export class PcmFramer {
  readonly #frameSamples: number;
  #rest: Int16Array<ArrayBuffer>;
  #filled = 0;
  readonly #all: Int16Array<ArrayBuffer>[] = [];
  /** Samples taken so far. */
  samples = 0;

  /** @param frameBytes size of a frame, even. */
  constructor(frameBytes: number) {
    this.#frameSamples = frameBytes / 2;
    this.#rest = new Int16Array(this.#frameSamples);
  }

  /** @param block samples from -1 to 1. @returns the frames that became full. */
  push(block: Float32Array): ArrayBuffer[] {
    const full: ArrayBuffer[] = [];
    for (const value of block) {
      this.#rest[this.#filled] = Math.max(-32_768, Math.min(32_767, Math.round(value * 32_767)));
      this.#filled += 1;
      if (this.#filled === this.#frameSamples) full.push(this.#take());
    }
    this.samples += block.length;
    return full;
  }

  /** The last, shorter frame; undefined when nothing is left. */
  flush(): ArrayBuffer | undefined {
    return this.#filled === 0 ? undefined : this.#take();
  }

  #take(): ArrayBuffer {
    const frame = this.#rest.slice(0, this.#filled);
    this.#all.push(frame);
    this.#filled = 0;
    // A copy: the app may change the frame that it receives.
    return frame.slice().buffer;
  }

  /** All frames: samples as bytes, 16-bit little-endian. */
  pieces(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#all.map((frame) => new Uint8Array(frame.buffer));
  }
}
