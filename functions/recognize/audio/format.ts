import type { AudioFormat } from '../../../contract/functions.ts';

const startsWith = (bytes: Buffer, text: string, at = 0): boolean =>
  bytes.length >= at + text.length && bytes.toString('latin1', at, at + text.length) === text;

/** An Ogg page's first packet follows its header and its segment table (RFC 3533 §6). */
const OGG_HEADER_BYTES = 27;
const oggPacketOffset = (bytes: Buffer): number => OGG_HEADER_BYTES + (bytes[26] ?? 0);

/**
 * The format of a file, from its first bytes.
 * @returns undefined where they fit no format; raw PCM has no header, so it never does
 */
export function detectFormat(bytes: Buffer): AudioFormat | undefined {
  if (startsWith(bytes, 'RIFF') && startsWith(bytes, 'WAVE', 8)) return 'wav';
  if (startsWith(bytes, 'ftyp', 4)) return 'm4a';
  if (startsWith(bytes, '#!AMR')) return 'amr';
  // WeChat writes a byte before the magic number
  if (startsWith(bytes, '#!SILK_V3') || startsWith(bytes, '\x02#!SILK_V3')) return 'silk';
  if (startsWith(bytes, 'OggS')) {
    if (startsWith(bytes, 'OpusHead', oggPacketOffset(bytes))) return 'ogg-opus';
    return startsWith(bytes, 'Speex   ', oggPacketOffset(bytes)) ? 'speex' : undefined;
  }
  if (startsWith(bytes, 'ID3')) return 'mp3';
  const [first = 0, second = 0] = bytes;
  // eleven set bits begin a frame of MPEG audio (ISO 11172-3 §2.4.2.3), twelve and layer 0 one of ADTS (ISO 14496-3)
  if (first !== 0xff) return undefined;
  if ((second & 0xf6) === 0xf0) return 'aac';
  return (second & 0xe6) === 0xe2 ? 'mp3' : undefined;
}
