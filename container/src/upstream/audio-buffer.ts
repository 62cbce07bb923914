import { BYTES_PER_SAMPLE } from '../../../contract/limits.ts';

/** Audio without a hole, in one piece of memory that is filled from its beginning. */
interface Chunk {
  pos: number;
  bytes: Uint8Array;
  samples: number;
}

/**
 * Eight frames of a phone's recorder, one second: an allocation a second instead of one for each frame, since these outlive the
 * collector's young generation. A frame that does not fit into what is left begins a new chunk, so that it is read without a copy.
 */
const MAX_CHUNK_BYTES = 32_768;
/**
 * Chunks of the full size that are kept for the audio to come when their own is not needed any more: memory outside of the heap
 * that is given up and asked for again every second makes the collector run for that alone. Four seconds, about a sentence.
 */
const MAX_SPARE_CHUNKS = 4;
/** A chunk is at most this many times as large as the one before it: tiny frames between many holes get tiny chunks. */
const CHUNK_GROWTH = 4;

const NO_AUDIO = new Uint8Array(0);

/** The session's audio from `startPos` (what may still be needed) to `endPos` (what has come), by sample position. */
export class AudioBuffer {
  private chunks: Chunk[] = [];
  /** Memory of this session's earlier chunks; never another session's. */
  private readonly spare: Uint8Array[] = [];
  private start: number;
  private end: number;

  constructor(startPos: number) {
    this.start = startPos;
    this.end = startPos;
  }

  get startPos(): number {
    return this.start;
  }

  /** Number of chunks that hold the audio. */
  get chunkCount(): number {
    return this.chunks.length;
  }

  /** Memory that they take, the spare ones included. */
  get memoryBytes(): number {
    const used = this.chunks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    return used + this.spare.length * MAX_CHUNK_BYTES;
  }

  /** All before it was received. */
  get endPos(): number {
    return this.end;
  }

  /**
   * Takes a frame. What is known already is trimmed off by sample.
   * @returns the part that is new (possibly empty), as it is kept here: aligned by sample, and overwritten later; or `gap` where audio
   *   before the frame is missing
   */
  append(pos: number, pcm: Uint8Array): Uint8Array | 'gap' {
    if (pos > this.end) return 'gap';
    const known = this.end - pos;
    const fresh = known === 0 ? pcm : pcm.subarray(Math.min(known * BYTES_PER_SAMPLE, pcm.byteLength));
    return fresh.byteLength > 0 ? this.keep(fresh) : NO_AUDIO;
  }

  /** Copies audio, since a frame's memory belongs to the socket. */
  private keep(fresh: Uint8Array): Uint8Array {
    const last = this.chunks.at(-1);
    const before = last && last.pos + last.samples === this.end ? last : undefined;
    const freeBytes = before ? before.bytes.byteLength - before.samples * BYTES_PER_SAMPLE : 0;
    const chunk = before && freeBytes >= fresh.byteLength ? before : this.newChunk(before, fresh.byteLength);
    const kept = chunk.bytes.subarray(
      chunk.samples * BYTES_PER_SAMPLE,
      chunk.samples * BYTES_PER_SAMPLE + fresh.byteLength,
    );
    kept.set(fresh);
    chunk.samples += fresh.byteLength / BYTES_PER_SAMPLE;
    this.end += fresh.byteLength / BYTES_PER_SAMPLE;
    return kept;
  }

  /** @param before the chunk that the new one goes on with, if any */
  private newChunk(before: Chunk | undefined, leastBytes: number): Chunk {
    const grown = Math.min(MAX_CHUNK_BYTES, CHUNK_GROWTH * (before?.bytes.byteLength ?? 0));
    const size = Math.max(grown, leastBytes);
    const spare = size === MAX_CHUNK_BYTES ? this.spare.pop() : undefined;
    const chunk = { pos: this.end, bytes: spare ?? new Uint8Array(size), samples: 0 };
    this.chunks.push(chunk);
    return chunk;
  }

  /** Leaves a hole from `endPos` to `toPos`: that audio was lost. */
  skipTo(toPos: number): void {
    this.end = Math.max(this.end, toPos);
  }

  /** First position from `pos` on that there is audio for, or the end. */
  audioFrom(pos: number): number {
    const chunk = this.chunks[this.chunkAt(pos)];
    if (chunk && chunk.pos <= pos && pos < chunk.pos + chunk.samples) return pos;
    const next = this.chunks.find((later) => later.pos > pos);
    return Math.min(next?.pos ?? this.end, this.end);
  }

  /**
   * At most `maxSamples` from `pos` on, up to the next hole; what was forgotten is not given. It may be a view, which other audio
   * overwrites later: whoever keeps it copies it.
   */
  read(pos: number, maxSamples: number): Uint8Array {
    const from = Math.max(pos, this.start);
    const parts: Uint8Array[] = [];
    let at = from;
    for (let i = this.chunkAt(from); i < this.chunks.length && at < from + maxSamples; i++) {
      const { pos: chunkPos, bytes, samples } = this.chunks[i] as Chunk;
      if (chunkPos > at) break;
      const to = Math.min(samples, from + maxSamples - chunkPos);
      if (at - chunkPos >= to) continue;
      parts.push(bytes.subarray((at - chunkPos) * BYTES_PER_SAMPLE, to * BYTES_PER_SAMPLE));
      at = chunkPos + to;
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }

  /** Samples of audio in [from, to), holes left out. */
  samplesBetween(from: number, to: number): number {
    let sum = 0;
    for (let i = this.chunkAt(from); i < this.chunks.length; i++) {
      const { pos, samples } = this.chunks[i] as Chunk;
      if (pos >= to) break;
      sum += Math.max(0, Math.min(to, pos + samples) - Math.max(from, pos));
    }
    return sum;
  }

  /** Audio before `pos` is not needed any more. */
  forgetBefore(pos: number): void {
    this.start = Math.min(Math.max(this.start, pos), this.end);
    const keep = this.chunks.findIndex((chunk) => chunk.pos + chunk.samples > this.start);
    for (const { bytes } of this.chunks.splice(0, keep < 0 ? this.chunks.length : keep))
      if (bytes.byteLength === MAX_CHUNK_BYTES && this.spare.length < MAX_SPARE_CHUNKS)
        this.spare.push(bytes);
  }

  /** Index of the chunk that holds `pos`, by bisection: a replay reads from the middle of minutes of audio. */
  private chunkAt(pos: number): number {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.chunks[middle] as Chunk).pos <= pos) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
