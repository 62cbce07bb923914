import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import type { PhraseRecording } from './bank.ts';
import { TUNING } from './tuning.ts';

/** A recording as the bank file holds it: without the audio, in a tenth of its size. */
export interface StoredRecording extends PhraseRecording {
  /** Id of the phrase in samples/phrases. */
  id: string;
  /** How it was made, for readers of the file. */
  origin: string;
}

const MAGIC = 'PHRASES1';
/** Energies are stored in steps of about half a dB above −90 dB, the front end's smallest value. */
const STEPS_PER_DECADE = 18;
const LOWEST_DECADE = -9;

const levels = Float32Array.from({ length: 256 }, (_, i) => 10 ** (i / STEPS_PER_DECADE + LOWEST_DECADE));

/**
 * Format: brotli(magic, u32 LE length of the head, head as JSON, then one byte per band and 10 ms frame: the difference from
 * the previous frame, modulo 256).
 * @throws {Error} when the file is no bank file or is truncated
 */
export function decodeBank(file: Buffer): StoredRecording[] {
  const bytes = brotliDecompressSync(file);
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error('不是短语库文件');
  const headEnd = MAGIC.length + 4 + bytes.readUInt32LE(MAGIC.length);
  const head = JSON.parse(bytes.toString('utf8', MAGIC.length + 4, headEnd)) as (Omit<
    StoredRecording,
    'rows'
  > & {
    rows: number;
  })[];
  let at = headEnd;
  return head.map(({ rows, ...rest }) => {
    const quantised = new Uint8Array(TUNING.bands);
    const decoded = Array.from({ length: rows }, () => {
      if (at + TUNING.bands > bytes.length) throw new Error('短语库文件不完整');
      for (let band = 0; band < TUNING.bands; band++) {
        quantised[band] = (quantised[band] as number) + (bytes[at++] as number);
      }
      return Float32Array.from(quantised, (level) => levels[level] as number);
    });
    return { ...rest, rows: decoded };
  });
}

/** Writes recordings in the format that `decodeBank` reads. */
export function encodeBank(recordings: readonly StoredRecording[]): Buffer {
  const head = recordings.map(({ id, text, origin, peak, rows }) => ({
    id,
    text,
    origin,
    peak,
    rows: rows.length,
  }));
  const headBytes = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(headBytes.length);
  const body = recordings.flatMap(({ rows }) => {
    const previous = new Uint8Array(TUNING.bands);
    return rows.map((row) => {
      const quantised = Uint8Array.from(row, quantise);
      const difference = quantised.map((level, band) => level - (previous[band] as number));
      previous.set(quantised);
      return difference;
    });
  });
  return brotliCompressSync(Buffer.concat([Buffer.from(MAGIC), length, headBytes, ...body]));
}

const quantise = (energy: number): number =>
  Math.max(0, Math.min(255, Math.round((Math.log10(energy) - LOWEST_DECADE) * STEPS_PER_DECADE)));
