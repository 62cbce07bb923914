/**
 * RIFF/WAVE files (Multimedia Programming Interface 1.0; WAVEFORMATEXTENSIBLE) with 8 or 16-bit PCM or μ-law
 * (ITU-T G.711). Only the standard library of ES2017 is used: the mini-program imports this, too.
 */

/** `wFormatTag`. */
export const WAV_PCM = 1;
export const WAV_MULAW = 7;
/** The real tag stands in the first bytes of the sub-format, 24 bytes into the format chunk. */
const WAV_EXTENSIBLE = 0xfffe;

const RIFF_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const FORMAT_BYTES = 16;
/** Size of the header that {@link wavHeader} makes. */
export const WAV_HEADER_BYTES = 44;

export interface WavFormat {
  /** {@link WAV_PCM}, {@link WAV_MULAW}, or one that only {@link readWavHeader} accepts. */
  tag: number;
  channels: number;
  sampleRateHz: number;
  bitsPerSample: number;
}

export interface WavHeader {
  format: WavFormat;
  /** Where the audio data begins, bytes from the file's start, and how much of it is there. */
  dataOffset: number;
  dataBytes: number;
}

export interface Wav {
  sampleRateHz: number;
  channels: number;
  /** 16-bit samples, interleaved by channel. */
  samples: Int16Array;
}

export type WavProblem = 'not-wav' | 'no-format' | 'no-data' | 'bad-format' | 'unsupported';

/** Why a file cannot be read. Callers put it in the words of their own users. */
export class WavError extends Error {
  readonly problem: WavProblem;
  /** What the file says of itself, as far as it was read. */
  readonly format: WavFormat | undefined;

  constructor(problem: WavProblem, format?: WavFormat) {
    super(`WAV: ${problem}`);
    this.name = 'WavError';
    this.problem = problem;
    this.format = format;
  }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const fourCc = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));

/**
 * Finds format and audio data. A data size of 0 or beyond the file's end (a recorder that was cut off, a stream) means
 * everything up to the file's end.
 * @throws WavError not-wav, no-format, no-data
 */
export function readWavHeader(file: Uint8Array): WavHeader {
  const view = viewOf(file);
  if (file.byteLength < RIFF_BYTES || fourCc(view, 0) !== 'RIFF' || fourCc(view, 8) !== 'WAVE')
    throw new WavError('not-wav');
  let format: WavFormat | undefined;
  for (let at = RIFF_BYTES; at + CHUNK_HEADER_BYTES <= file.byteLength; ) {
    const id = fourCc(view, at);
    const size = view.getUint32(at + 4, true);
    const body = at + CHUNK_HEADER_BYTES;
    const present = file.byteLength - body;
    if (id === 'fmt ' && size >= FORMAT_BYTES && present >= FORMAT_BYTES)
      format = readFormat(view, body, Math.min(size, present));
    if (id === 'data') {
      if (!format) throw new WavError('no-format');
      const dataBytes = size === 0 || size > present ? present : size;
      return { format, dataOffset: body, dataBytes };
    }
    // chunks begin at even positions
    at = body + size + (size % 2);
  }
  throw new WavError('no-data', format);
}

function readFormat(view: DataView, at: number, bytes: number): WavFormat {
  const tag = view.getUint16(at, true);
  return {
    tag: tag === WAV_EXTENSIBLE && bytes >= 26 ? view.getUint16(at + 24, true) : tag,
    channels: view.getUint16(at + 2, true),
    sampleRateHz: view.getUint32(at + 4, true),
    bitsPerSample: view.getUint16(at + 14, true),
  };
}

/**
 * Reads a file's samples.
 * @throws WavError as {@link readWavHeader}, bad-format (no channels, no rate), unsupported (another encoding)
 */
export function readWav(file: Uint8Array): Wav {
  const { format, dataOffset, dataBytes } = readWavHeader(file);
  const { tag, bitsPerSample, channels, sampleRateHz } = format;
  if (channels < 1 || sampleRateHz < 1) throw new WavError('bad-format', format);
  const known =
    (tag === WAV_PCM && (bitsPerSample === 16 || bitsPerSample === 8)) ||
    (tag === WAV_MULAW && bitsPerSample === 8);
  if (!known) throw new WavError('unsupported', format);
  const view = viewOf(file);
  const bytesPerSample = bitsPerSample / 8;
  const sampleAt = (at: number): number => {
    if (tag === WAV_MULAW) return fromMulaw(view.getUint8(at));
    return bytesPerSample === 1 ? (view.getUint8(at) - 128) << 8 : view.getInt16(at, true);
  };
  const samples = new Int16Array(Math.floor(dataBytes / bytesPerSample / channels) * channels);
  for (let i = 0; i < samples.length; i++) samples[i] = sampleAt(dataOffset + i * bytesPerSample);
  return { sampleRateHz, channels, samples };
}

/** One channel: the mean of all. */
export function toMono({ samples, channels }: Wav): Int16Array {
  if (channels === 1) return samples;
  const mono = new Int16Array(Math.floor(samples.length / channels));
  for (let i = 0; i < mono.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += samples[i * channels + channel] as number;
    mono[i] = Math.round(sum / channels);
  }
  return mono;
}

/** The 44 bytes before `dataBytes` of audio data. */
export function wavHeader(format: WavFormat, dataBytes: number): Uint8Array<ArrayBuffer> {
  const { tag, channels, sampleRateHz, bitsPerSample } = format;
  const header = new Uint8Array(WAV_HEADER_BYTES);
  const view = viewOf(header);
  const text = (at: number, word: string): void => {
    for (let i = 0; i < word.length; i++) view.setUint8(at + i, word.charCodeAt(i));
  };
  text(0, 'RIFF');
  view.setUint32(4, WAV_HEADER_BYTES - 8 + dataBytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, FORMAT_BYTES, true);
  view.setUint16(20, tag, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, (sampleRateHz * channels * bitsPerSample) / 8, true);
  view.setUint16(32, (channels * bitsPerSample) / 8, true);
  view.setUint16(34, bitsPerSample, true);
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  return header;
}

/** A file of 16-bit PCM from pieces of little-endian audio data. */
export function pcmToWav(
  pieces: readonly Uint8Array[],
  sampleRateHz: number,
  channels = 1,
): Uint8Array<ArrayBuffer> {
  const dataBytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const file = new Uint8Array(WAV_HEADER_BYTES + dataBytes);
  file.set(wavHeader({ tag: WAV_PCM, channels, sampleRateHz, bitsPerSample: 16 }, dataBytes));
  let at = WAV_HEADER_BYTES;
  for (const piece of pieces) {
    file.set(piece, at);
    at += piece.byteLength;
  }
  return file;
}

/** A mono file of 16-bit PCM. */
export function writeWav(samples: Int16Array, sampleRateHz: number, channels = 1): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(2 * samples.length);
  const view = viewOf(data);
  samples.forEach((sample, i) => {
    view.setInt16(2 * i, sample, true);
  });
  return pcmToWav([data], sampleRateHz, channels);
}

/** A mono file of μ-law: half the size. */
export function writeMulawWav(samples: Int16Array, sampleRateHz: number): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(WAV_HEADER_BYTES + samples.length);
  file.set(wavHeader({ tag: WAV_MULAW, channels: 1, sampleRateHz, bitsPerSample: 8 }, samples.length));
  samples.forEach((sample, i) => {
    file[WAV_HEADER_BYTES + i] = toMulaw(sample);
  });
  return file;
}

const MULAW_BIAS = 0x84;
const MULAW_CLIP = 32_635;

/** ITU-T G.711: all bits inverted; sign, 3 bits of exponent, 4 of mantissa. */
function fromMulaw(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + MULAW_BIAS) << ((bits >> 4) & 7)) - MULAW_BIAS;
  return bits & 0x80 ? -magnitude : magnitude;
}

function toMulaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), MULAW_CLIP) + MULAW_BIAS;
  const exponent = 31 - Math.clz32(magnitude) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}
