import { brotliCompressSync } from 'node:zlib';
import {
  LOWEST_DECADE,
  MAGIC,
  STEPS_PER_DECADE,
  type StoredRecording,
} from '../../local/asr/phrases/bank-file.ts';
import { TUNING } from '../../local/asr/phrases/tuning.ts';

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
