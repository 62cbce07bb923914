/** Reads the duration of an audio file, ms; 0: it holds no audio; undefined where the file does not tell. */
export type DurationReader = (bytes: Buffer) => number | undefined;

// Formats that are sequences of frames: all are counted, since a header may be wrong and the bit rate variable. A frame that is
// not there as a whole, such as a header alone, is none.

/** Kilobits a second of layer III by index (ISO 11172-3 §2.4.2.3): MPEG 1, and MPEG 2 and 2.5. */
const MP3_KBPS_V1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MP3_KBPS_V2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const MP3_RATES_HZ = [44_100, 48_000, 32_000];

/** An ID3v2 tag's length, header included; its size has seven bits a byte. */
function id3Bytes(bytes: Buffer): number {
  if (bytes.toString('latin1', 0, 3) !== 'ID3' || bytes.length < 10) return 0;
  return 10 + bytes.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 0x7f), 0);
}

function mp3Frame(bytes: Buffer, at: number): { bytes: number; ms: number } | undefined {
  const [sync = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
  const version = (second >> 3) & 3;
  if (sync !== 0xff || (second & 0xe6) !== 0xe2 || version === 1) return undefined;
  const first = version === 3;
  const kbps = (first ? MP3_KBPS_V1 : MP3_KBPS_V2)[third >> 4];
  const baseHz = MP3_RATES_HZ[(third >> 2) & 3];
  if (!kbps || !baseHz) return undefined;
  const rateHz = first ? baseHz : version === 2 ? baseHz / 2 : baseHz / 4;
  const samples = first ? 1152 : 576;
  const padding = (third >> 1) & 1;
  return {
    bytes: Math.floor(((samples / 8) * kbps * 1000) / rateHz) + padding,
    ms: (samples * 1000) / rateHz,
  };
}

/** Layer III of MPEG 1, 2 and 2.5. Bytes between frames (tags) are skipped. */
export const mp3Ms: DurationReader = (bytes) => {
  let ms = 0;
  for (let at = id3Bytes(bytes); at + 4 <= bytes.length; ) {
    const frame = mp3Frame(bytes, at);
    const isWhole = frame && at + frame.bytes <= bytes.length;
    ms += isWhole ? frame.ms : 0;
    at += isWhole ? frame.bytes : 1;
  }
  return ms;
};

/** Sample rates of ADTS by index (ISO 14496-3, table 1.18). */
const AAC_RATES_HZ = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];

/** Of a frame without checksum. */
const ADTS_HEADER_BYTES = 7;
/** AAC in ADTS frames of 1024 samples a block. */
export const aacMs: DurationReader = (bytes) => {
  let ms = 0;
  for (let at = 0; at + ADTS_HEADER_BYTES <= bytes.length; ) {
    const isFrame = bytes[at] === 0xff && ((bytes[at + 1] ?? 0) & 0xf6) === 0xf0;
    const rateHz = AAC_RATES_HZ[((bytes[at + 2] ?? 0) >> 2) & 15];
    const size = (bytes.readUIntBE(at + 3, 3) >> 5) & 0x1fff;
    if (!isFrame || !rateHz || size <= ADTS_HEADER_BYTES || at + size > bytes.length) {
      at += 1;
      continue;
    }
    ms += ((((bytes[at + 6] ?? 0) & 3) + 1) * 1024 * 1000) / rateHz;
    at += size;
  }
  return ms;
};

/** One frame of AMR, AMR-WB and SILK is 20 ms. */
const SPEECH_FRAME_MS = 20;
/** Bytes of a frame by type, header included (RFC 4867 §5.3 and the tables of TS 26.101 and 26.201); 1: nothing sent. */
const AMR_BYTES = [13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1];
const AMR_WB_BYTES = [18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1];
const AMR_MAGIC = '#!AMR\n';
const AMR_WB_MAGIC = '#!AMR-WB\n';

/** AMR files of one channel. */
export const amrMs: DurationReader = (bytes) => {
  const wide = bytes.toString('latin1', 0, AMR_WB_MAGIC.length) === AMR_WB_MAGIC;
  const sizes = wide ? AMR_WB_BYTES : AMR_BYTES;
  let frames = 0;
  for (let at = wide ? AMR_WB_MAGIC.length : AMR_MAGIC.length; at < bytes.length; ) {
    at += sizes[((bytes[at] ?? 0) >> 3) & 15] ?? 1;
    if (at <= bytes.length) frames += 1;
  }
  return frames * SPEECH_FRAME_MS;
};

/** SILK v3: frames behind a length of two bytes, closed by 0xFFFF. */
export const silkMs: DurationReader = (bytes) => {
  const magicBytes = bytes[0] === 2 ? 10 : 9;
  let frames = 0;
  for (let at = magicBytes; at + 2 <= bytes.length; frames += 1) {
    const size = bytes.readUInt16LE(at);
    at += 2 + size;
    if (size === 0xffff || at > bytes.length) break;
  }
  return frames * SPEECH_FRAME_MS;
};

// Containers that state their length.

/** Granule positions of Opus count samples at 48 kHz, whatever the recording's rate (RFC 7845 §4). */
const OPUS_RATE_HZ = 48_000;
/** Offset of the granule position, and size of the fixed header (RFC 3533 §6). */
const GRANULE_AT = 6;
const OGG_HEADER_BYTES = 27;

/** The granule position of the last page, in samples; 0: only headers came; undefined: no packet ends on that page. */
function lastGranule(bytes: Buffer): number | undefined {
  const at = bytes.lastIndexOf('OggS');
  if (at < 0 || at + OGG_HEADER_BYTES > bytes.length) return undefined;
  const granule = bytes.readBigInt64LE(at + GRANULE_AT);
  return granule >= 0n ? Number(granule) : undefined;
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

/** MP4: time scale and duration of the movie header; in a fragmented file the duration is 0, which does not tell. */
export const mp4Ms: DurationReader = (bytes) => {
  if (!box(bytes, 'mdat')?.length) return 0;
  const header = box(box(bytes, 'moov') ?? Buffer.alloc(0), 'mvhd');
  if (!header || header.length < 32) return undefined;
  const wide = header[0] === 1;
  const scale = header.readUInt32BE(wide ? 20 : 12);
  const length = wide ? Number(header.readBigUInt64BE(24)) : header.readUInt32BE(16);
  return scale > 0 && length > 0 ? (length * 1000) / scale : undefined;
};
