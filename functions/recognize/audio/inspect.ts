import type { Engine } from '../../../contract/engines.ts';
import { VoiceError } from '../../../contract/errors.ts';
import type { AudioFormat } from '../../../contract/functions.ts';
import { BYTES_PER_SAMPLE, ONESHOT_MAX_BASE64_BYTES, ONESHOT_MAX_MS } from '../../../contract/limits.ts';
import { readWavHeader, WAV_PCM, WavError, type WavHeader } from '../../../lib/wav.ts';
import {
  aacMs,
  amrMs,
  type DurationReader,
  mp3Ms,
  mp4Ms,
  oggOpusMs,
  oggSpeexMs,
  silkMs,
} from './durations.ts';
import { detectFormat } from './format.ts';

export interface Inspected {
  format: AudioFormat;
  /** undefined: the format does not tell, and only the size limit applies. */
  durationMs: number | undefined;
}

const DURATION_READERS: Record<Exclude<AudioFormat, 'wav' | 'pcm'>, DurationReader> = {
  mp3: mp3Ms,
  aac: aacMs,
  amr: amrMs,
  silk: silkMs,
  m4a: mp4Ms,
  'ogg-opus': oggOpusMs,
  speex: oggSpeexMs,
};
/** Formats that may come without a header. */
const HEADERLESS_FORMATS: ReadonlySet<AudioFormat> = new Set(['pcm', 'speex']);

const base64Bytes = (bytes: number): number => Math.ceil(bytes / 3) * 4;

/**
 * Detects a file's format and checks it against the limits of one-shot recognition, before that is paid for.
 * @param declared the format that the caller states: used only for formats without a header
 * @throws VoiceError TOO_LARGE, AUDIO_UNSUPPORTED, AUDIO_TOO_LONG, BAD_SAMPLE_RATE
 */
export function inspect(bytes: Buffer, declared: AudioFormat | undefined, engine: Engine): Inspected {
  if (bytes.length === 0) throw unsupported('empty');
  if (base64Bytes(bytes.length) > ONESHOT_MAX_BASE64_BYTES) throw new VoiceError('TOO_LARGE');
  const format = detectFormat(bytes) ?? (declared && HEADERLESS_FORMATS.has(declared) ? declared : undefined);
  if (!format) throw new VoiceError('AUDIO_UNSUPPORTED');
  const durationMs = durationOf(bytes, format, engine);
  if (durationMs === 0) throw unsupported('empty');
  if (durationMs !== undefined && durationMs > ONESHOT_MAX_MS) throw new VoiceError('AUDIO_TOO_LONG');
  return { format, durationMs };
}

function durationOf(bytes: Buffer, format: AudioFormat, { sampleRateHz }: Engine): number | undefined {
  if (format === 'pcm') return (Math.floor(bytes.length / BYTES_PER_SAMPLE) * 1000) / sampleRateHz;
  if (format !== 'wav') return DURATION_READERS[format](bytes);
  const { format: wav, dataBytes } = wavHeaderOf(bytes);
  if (wav.tag !== WAV_PCM) throw unsupported('wav.encoding');
  if (wav.channels !== 1) throw unsupported('wav.channels');
  if (wav.bitsPerSample !== BYTES_PER_SAMPLE * 8) throw unsupported('wav.bits');
  if (wav.sampleRateHz !== sampleRateHz) throw new VoiceError('BAD_SAMPLE_RATE', { detail: 'wav.rate' });
  return (Math.floor(dataBytes / BYTES_PER_SAMPLE) * 1000) / sampleRateHz;
}

const unsupported = (detail: string): VoiceError => new VoiceError('AUDIO_UNSUPPORTED', { detail });

function wavHeaderOf(bytes: Buffer): WavHeader {
  try {
    return readWavHeader(bytes);
  } catch (error) {
    throw unsupported(error instanceof WavError && error.problem === 'no-format' ? 'wav.fmt' : 'wav.data');
  }
}
