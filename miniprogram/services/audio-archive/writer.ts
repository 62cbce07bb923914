import { BYTES_PER_SAMPLE } from '../../../contract/limits.ts';
import { SEGMENT_SECONDS, type Segment, SegmentEncoder } from './segment.ts';

/** Segments that wait to be written; a store that is further behind cannot keep up. */
const MAX_WAITING = 2;

export interface WriterDeps {
  sessionId: string;
  startedAt: number;
  rateHz: number;
  /** Rejects where the segment is not on the phone. */
  save(segment: Segment, file: ArrayBuffer): Promise<void>;
  /** It has stopped keeping this recording, whose audio so far stays. */
  failed(error: unknown): void;
}

/**
 * Keeps the audio of one recording in segments. It never throws and never waits: what cannot be written ends the keeping of this
 * recording, and the recording itself goes on.
 */
export class ArchiveWriter {
  readonly #deps: WriterDeps;
  readonly #encoder: SegmentEncoder;
  #fromPos = 0;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(deps: WriterDeps) {
    this.#deps = deps;
    this.#encoder = new SegmentEncoder(deps.rateHz);
  }

  /**
   * Adds PCM 16-bit samples (a trailing half sample is ignored, as in the ring).
   * @param pos position of the first one; where it does not follow the last, a new segment begins
   */
  append(pos: number, pcm: ArrayBuffer): void {
    if (this.#closed) return;
    if (pos !== this.#fromPos + this.#encoder.samples) {
      this.#endSegment();
      this.#fromPos = pos;
    }
    // Every phone that WeChat runs on is little-endian, as the recorder's PCM is.
    const samples = new Int16Array(pcm, 0, Math.floor(pcm.byteLength / BYTES_PER_SAMPLE));
    const limit = SEGMENT_SECONDS * this.#deps.rateHz;
    for (let at = 0; at < samples.length; ) {
      const piece = samples.subarray(at, at + limit - this.#encoder.samples);
      this.#encoder.add(piece);
      at += piece.length;
      if (this.#encoder.samples === limit) this.#endSegment();
    }
  }

  /** Writes what is held. Resolves when it is written, or has failed. */
  flush(): Promise<void> {
    this.#endSegment();
    return this.#last;
  }

  /** Takes no more audio; nothing that is held is written. Resolves when no write is under way. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#last;
  }

  #endSegment(): void {
    const { samples } = this.#encoder;
    if (samples === 0 || this.#closed) return;
    const { sessionId, startedAt, rateHz, save } = this.#deps;
    const segment = { sessionId, startedAt, rateHz, fromPos: this.#fromPos, samples };
    const { buffer } = this.#encoder.take();
    this.#fromPos += samples;
    if (this.#waiting === MAX_WAITING) {
      this.#fail(new Error('the phone writes too slowly'));
      return;
    }
    this.#waiting += 1;
    this.#last = this.#last
      .then(() => (this.#closed ? undefined : save(segment, buffer)))
      .catch((error) => this.#fail(error))
      .then(() => {
        this.#waiting -= 1;
      });
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#deps.failed(error);
  }
}
