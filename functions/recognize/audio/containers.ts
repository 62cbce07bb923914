import type { DurationReader } from './frames.ts';

/** Granule positions of Opus count samples at 48 kHz, whatever the recording's rate (RFC 7845 §4). */
const OPUS_RATE_HZ = 48_000;
/** Offset of the granule position, and size of the fixed header (RFC 3533 §6). */
const GRANULE_AT = 6;
const OGG_HEADER_BYTES = 27;

/** The granule position of the last page, in samples. */
function lastGranule(bytes: Buffer): number | undefined {
  const at = bytes.lastIndexOf('OggS');
  if (at < 0 || at + OGG_HEADER_BYTES > bytes.length) return undefined;
  const granule = bytes.readBigInt64LE(at + GRANULE_AT);
  return granule > 0n ? Number(granule) : undefined;
}

/** Opus in Ogg: the last granule position less the pre-skip (RFC 7845 §4). */
export const oggOpusMs: DurationReader = (bytes) => {
  const head = bytes.indexOf('OpusHead');
  const samples = lastGranule(bytes);
  if (samples === undefined || head < 0 || head + 12 > bytes.length) return undefined;
  const preSkip = bytes.readUInt16LE(head + 10);
  return (Math.max(0, samples - preSkip) * 1000) / OPUS_RATE_HZ;
};

/** Speex in Ogg: the sample rate is 36 bytes into its header. */
export const oggSpeexMs: DurationReader = (bytes) => {
  const head = bytes.indexOf('Speex   ');
  const samples = lastGranule(bytes);
  if (samples === undefined || head < 0 || head + 40 > bytes.length) return undefined;
  const rateHz = bytes.readUInt32LE(head + 36);
  return rateHz > 0 ? (samples * 1000) / rateHz : undefined;
};

/** The body of the first box of a kind (ISO 14496-12 §4.2). */
function box(bytes: Buffer, kind: string): Buffer | undefined {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const small = bytes.readUInt32BE(at);
    const large = small === 1 && at + 16 <= bytes.length;
    const size = large ? Number(bytes.readBigUInt64BE(at + 8)) : small === 0 ? bytes.length - at : small;
    const header = large ? 16 : 8;
    if (size < header) return undefined;
    if (bytes.toString('latin1', at + 4, at + 8) === kind) return bytes.subarray(at + header, at + size);
    at += size;
  }
  return undefined;
}

/** MP4: time scale and duration of the movie header; in a fragmented file the duration is 0. */
export const mp4Ms: DurationReader = (bytes) => {
  const header = box(box(bytes, 'moov') ?? Buffer.alloc(0), 'mvhd');
  if (!header || header.length < 32) return undefined;
  const wide = header[0] === 1;
  const scale = header.readUInt32BE(wide ? 20 : 12);
  const length = wide ? Number(header.readBigUInt64BE(24)) : header.readUInt32BE(16);
  return scale > 0 && length > 0 ? (length * 1000) / scale : undefined;
};
