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
    // The app may keep or change what it is given.
    return frame.slice().buffer;
  }

  /** Everything recorded, as the file that the recorder leaves behind. */
  file(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#all.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let offset = 0;
    for (const frame of this.#all) {
      bytes.set(new Uint8Array(frame.buffer), offset);
      offset += frame.byteLength;
    }
    return bytes;
  }
}

const HEADER_BYTES = 44;

/** PCM 16-bit mono with a RIFF header. */
export const toWav = (pcm: Uint8Array<ArrayBuffer>, rateHz: number): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(HEADER_BYTES + pcm.byteLength);
  const view = new DataView(out.buffer);
  const text = (offset: number, value: string): void => out.set(new TextEncoder().encode(value), offset);
  text(0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + pcm.byteLength, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, pcm.byteLength, true);
  out.set(pcm, HEADER_BYTES);
  return out;
};
