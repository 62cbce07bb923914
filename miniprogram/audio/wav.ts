import { BYTES_PER_SAMPLE } from '../../contract/limits.ts';

const HEADER_BYTES = 44;

/** PCM 16-bit mono pieces as one WAV file (RIFF header of 44 bytes, format 1). */
export function wavOf(pieces: readonly ArrayBuffer[], rateHz: number): ArrayBuffer {
  const dataBytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  const file = new Uint8Array(HEADER_BYTES + dataBytes);
  const view = new DataView(file.buffer);
  const word = (at: number, text: string): void => {
    for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
  };
  word(0, 'RIFF');
  view.setUint32(4, 36 + dataBytes, true);
  word(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * BYTES_PER_SAMPLE, true);
  view.setUint16(32, BYTES_PER_SAMPLE, true);
  view.setUint16(34, 8 * BYTES_PER_SAMPLE, true);
  word(36, 'data');
  view.setUint32(40, dataBytes, true);
  let at = HEADER_BYTES;
  for (const piece of pieces) {
    file.set(new Uint8Array(piece), at);
    at += piece.byteLength;
  }
  return file.buffer;
}
