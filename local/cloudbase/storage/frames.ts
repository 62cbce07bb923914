import { crc32 } from 'node:zlib';

/** One line: CRC-32 (8 hex digits), payload length in bytes, payload (JSON, so no line break in it). */
export const encodeFrame = (payload: string): string =>
  `${checksum(payload)} ${Buffer.byteLength(payload)} ${payload}\n`;

const checksum = (payload: string | Buffer): string => crc32(payload).toString(16).padStart(8, '0');

const LINE_BREAK = 10;
const HEADER = /^([0-9a-f]{8}) (\d+) /;
const MAX_HEADER_BYTES = 24;

/**
 * The payloads of a file. A last line that was cut off while it was written is left out (`validBytes` ends before
 * it); a bad line with others after it is damage, and throws.
 */
export function decodeFrames(file: Buffer, name: string): { payloads: string[]; validBytes: number } {
  const payloads: string[] = [];
  let at = 0;
  while (at < file.length) {
    const end = file.indexOf(LINE_BREAK, at);
    const payload = end === -1 ? undefined : decodeLine(file.subarray(at, end));
    if (payload === undefined) {
      if (end === -1 || end === file.length - 1) break;
      throw new Error(`${name} is damaged at byte ${at}`);
    }
    payloads.push(payload);
    at = end + 1;
  }
  return { payloads, validBytes: at };
}

function decodeLine(line: Buffer): string | undefined {
  const header = HEADER.exec(line.subarray(0, MAX_HEADER_BYTES).toString('latin1'));
  if (!header) return undefined;
  const payload = line.subarray(header[0].length);
  return payload.length === Number(header[2]) && checksum(payload) === header[1]
    ? payload.toString()
    : undefined;
}
