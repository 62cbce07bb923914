import type { Range } from 'cloudbase-voice';
import { AUDIO_FILE_NAME, MAX_AUDIO_FILE_SAMPLES } from '../../../contract/audio-file.ts';
import { AdpcmEncoder, adpcmBytes, decodeAdpcm } from '../../../lib/ima-adpcm.ts';

/** A segment is encoded in blocks of one second, so that any second of it can be decoded by itself. */
const BLOCK_SECONDS = 1;
/** Most audio in one segment, seconds: what a crash can lose of the archive. 240 KB at 16 kHz. */
export const SEGMENT_SECONDS = MAX_AUDIO_FILE_SAMPLES / 16_000;

/** What the name of a segment's file says. */
export interface Segment {
  sessionId: string;
  /** When this recording began, epoch ms by this phone. */
  startedAt: number;
  rateHz: number;
  /** Position of its first sample in the session's audio. */
  fromPos: number;
  samples: number;
}

/**
 * The names are the archive's index: a file that is written or deleted is in or out of it in the same step, whatever ends the app
 * in between.
 */
export const segmentName = ({ sessionId, startedAt, rateHz, fromPos, samples }: Segment): string =>
  `${sessionId}.${startedAt}.${rateHz}.${fromPos}.${samples}.adpcm`;

/** Null where it is not the name of a segment. */
export function readSegmentName(name: string): Segment | null {
  const [, sessionId = '', ...numbers] = AUDIO_FILE_NAME.exec(name) ?? [];
  const [startedAt = 0, rateHz = 0, fromPos = 0, samples = 0] = numbers.map(Number);
  return samples > 0 && rateHz > 0 ? { sessionId, startedAt, rateHz, fromPos, samples } : null;
}

export const segmentEnd = ({ fromPos, samples }: Segment): number => fromPos + samples;

const blockSamples = (rateHz: number): number => rateHz * BLOCK_SECONDS;

/** Size of a segment's file. */
export function segmentBytes({ rateHz, samples }: Pick<Segment, 'rateHz' | 'samples'>): number {
  const block = blockSamples(rateHz);
  return Math.floor(samples / block) * adpcmBytes(block) + adpcmBytes(samples % block);
}

/** Encodes audio as it comes, so that no more than a second of it is held uncompressed. */
export class SegmentEncoder {
  readonly #encoder = new AdpcmEncoder();
  readonly #block: Int16Array;
  #inBlock = 0;
  #done: Uint8Array[] = [];
  #samples = 0;

  constructor(rateHz: number) {
    this.#block = new Int16Array(blockSamples(rateHz));
  }

  /** Samples of the segment so far. */
  get samples(): number {
    return this.#samples;
  }

  add(pcm: Int16Array): void {
    for (let at = 0; at < pcm.length; ) {
      const piece = pcm.subarray(at, at + this.#block.length - this.#inBlock);
      this.#block.set(piece, this.#inBlock);
      this.#inBlock += piece.length;
      this.#samples += piece.length;
      at += piece.length;
      if (this.#inBlock === this.#block.length) this.#endBlock();
    }
  }

  /** The file of all that was added since the last time; what is added from now on belongs to the next segment. */
  take(): Uint8Array<ArrayBuffer> {
    this.#endBlock();
    const file = new Uint8Array(this.#done.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let at = 0;
    for (const block of this.#done) {
      file.set(block, at);
      at += block.byteLength;
    }
    this.#done = [];
    this.#samples = 0;
    return file;
  }

  #endBlock(): void {
    if (this.#inBlock > 0) this.#done.push(this.#encoder.encode(this.#block.subarray(0, this.#inBlock)));
    this.#inBlock = 0;
  }
}

/**
 * Decodes a range of a segment into a buffer of the same session.
 * @param range must lie in the segment
 * @param out gets the samples; its first sample has the position `outPos`
 * @throws RangeError where the file is damaged or too short there; `out` may have got some of it
 */
export function decodeSegment(
  segment: Segment,
  file: ArrayBuffer,
  range: Range,
  out: Int16Array,
  outPos: number,
): void {
  const block = blockSamples(segment.rateHz);
  const end = segmentEnd(segment);
  for (let pos = range.fromPos; pos < range.toPos; ) {
    const index = Math.floor((pos - segment.fromPos) / block);
    const blockPos = segment.fromPos + index * block;
    const blockEnd = Math.min(blockPos + block, end);
    const bytes = new Uint8Array(file, index * adpcmBytes(block), adpcmBytes(blockEnd - blockPos));
    const pcm = decodeAdpcm(bytes);
    if (pcm.length !== blockEnd - blockPos) throw new RangeError('a block of another length');
    const until = Math.min(blockEnd, range.toPos);
    out.set(pcm.subarray(pos - blockPos, until - blockPos), pos - outPos);
    pos = until;
  }
}
