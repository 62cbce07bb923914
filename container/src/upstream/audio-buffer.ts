import { BYTES_PER_SAMPLE } from '../../../contract/limits.ts';

interface Chunk {
  pos: number;
  pcm: Uint8Array;
}

/** Frames are joined up to this size, 50 ms at 16 kHz. */
const JOINED_BYTES = 1_600;

const samplesOf = (pcm: Uint8Array): number => pcm.byteLength / BYTES_PER_SAMPLE;

/** The session's audio from `startPos` (what may still be needed) to `endPos` (what has come), by sample position. */
export class AudioBuffer {
  private chunks: Chunk[] = [];
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

  /** All before it was received. */
  get endPos(): number {
    return this.end;
  }

  /**
   * Takes a frame. What is known already is trimmed off by sample.
   * @returns the part that is new (possibly empty), or `gap` where audio before the frame is missing
   */
  append(pos: number, pcm: Uint8Array): Uint8Array | 'gap' {
    if (pos > this.end) return 'gap';
    const known = this.end - pos;
    const fresh = pcm.subarray(Math.min(known * BYTES_PER_SAMPLE, pcm.byteLength));
    if (fresh.byteLength > 0) {
      this.keep(fresh);
      this.end += samplesOf(fresh);
    }
    return fresh;
  }

  /** Copies audio, since a frame's memory belongs to the socket. Tiny frames are joined, so that chunks stay few. */
  private keep(fresh: Uint8Array): void {
    const last = this.chunks.at(-1);
    const follows = last && last.pos + samplesOf(last.pcm) === this.end;
    if (follows && last.pcm.byteLength + fresh.byteLength <= JOINED_BYTES)
      last.pcm = Buffer.concat([last.pcm, fresh]);
    else this.chunks.push({ pos: this.end, pcm: fresh.slice() });
  }

  /** Leaves a hole from `endPos` to `toPos`: that audio was lost. */
  skipTo(toPos: number): void {
    this.end = Math.max(this.end, toPos);
  }

  /** First position from `pos` on that there is audio for, or the end. */
  audioFrom(pos: number): number {
    const chunk = this.chunks[this.chunkAt(pos)];
    if (chunk && chunk.pos <= pos && pos < chunk.pos + samplesOf(chunk.pcm)) return pos;
    const next = this.chunks.find((later) => later.pos > pos);
    return Math.min(next?.pos ?? this.end, this.end);
  }

  /** At most `maxSamples` from `pos` on, up to the next hole; what was forgotten is not given. */
  read(pos: number, maxSamples: number): Uint8Array {
    const from = Math.max(pos, this.start);
    const parts: Uint8Array[] = [];
    let at = from;
    for (let i = this.chunkAt(from); i < this.chunks.length && at < from + maxSamples; i++) {
      const { pos: chunkPos, pcm } = this.chunks[i] as Chunk;
      if (chunkPos > at) break;
      const part = pcm.subarray(
        (at - chunkPos) * BYTES_PER_SAMPLE,
        (from + maxSamples - chunkPos) * BYTES_PER_SAMPLE,
      );
      parts.push(part);
      at += samplesOf(part);
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }

  /** Samples of audio in [from, to), holes left out. */
  samplesBetween(from: number, to: number): number {
    let samples = 0;
    for (let i = this.chunkAt(from); i < this.chunks.length; i++) {
      const { pos, pcm } = this.chunks[i] as Chunk;
      if (pos >= to) break;
      samples += Math.max(0, Math.min(to, pos + samplesOf(pcm)) - Math.max(from, pos));
    }
    return samples;
  }

  /** Audio before `pos` is not needed any more. */
  forgetBefore(pos: number): void {
    this.start = Math.min(Math.max(this.start, pos), this.end);
    const keep = this.chunks.findIndex((chunk) => chunk.pos + samplesOf(chunk.pcm) > this.start);
    if (keep > 0) this.chunks.splice(0, keep);
    else if (keep < 0) this.chunks = [];
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
