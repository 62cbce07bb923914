import type { Engine } from '../../../contract/engines.ts';
import { VoiceError } from '../../../contract/errors.ts';
import type { AudioFormat } from '../../../contract/functions.ts';
import { BYTES_PER_SAMPLE, ONESHOT_MAX_BASE64_BYTES, ONESHOT_MAX_MS } from '../../../contract/limits.ts';
import { mp4Ms, oggOpusMs, oggSpeexMs } from './containers.ts';
import { sniff } from './format.ts';
import { aacMs, amrMs, mp3Ms, silkMs } from './frames.ts';
import { readWav } from './wav.ts';

export interface Inspected {
  format: AudioFormat;
  /** undefined: the format does not tell; then the size alone bounds it. */
  durationMs: number | undefined;
}

const LENGTHS: Record<Exclude<AudioFormat, 'wav' | 'pcm'>, (bytes: Buffer) => number | undefined> = {
  mp3: mp3Ms,
  aac: aacMs,
  amr: amrMs,
  silk: silkMs,
  m4a: mp4Ms,
  'ogg-opus': oggOpusMs,
  speex: oggSpeexMs,
};
/** Formats that may come without anything to recognise them by. */
const ON_TRUST: ReadonlySet<AudioFormat> = new Set(['pcm', 'speex']);

const base64Bytes = (bytes: number): number => Math.ceil(bytes / 3) * 4;

/**
 * Finds out what a file is and holds it against the limits, before anything is paid for.
 * @param declared what the caller says it is: believed only for formats without a header
 * @throws VoiceError TOO_LARGE, AUDIO_UNSUPPORTED, AUDIO_TOO_LONG, BAD_SAMPLE_RATE
 */
export function inspect(bytes: Buffer, declared: AudioFormat | undefined, engine: Engine): Inspected {
  if (bytes.length === 0) throw new VoiceError('AUDIO_UNSUPPORTED', { detail: 'empty' });
  if (base64Bytes(bytes.length) > ONESHOT_MAX_BASE64_BYTES) throw new VoiceError('TOO_LARGE');
  const format = sniff(bytes) ?? (declared && ON_TRUST.has(declared) ? declared : undefined);
  if (!format) throw new VoiceError('AUDIO_UNSUPPORTED');
  const durationMs = lengthOf(bytes, format, engine);
  if (durationMs === 0) throw new VoiceError('AUDIO_UNSUPPORTED', { detail: 'empty' });
  if (durationMs !== undefined && durationMs > ONESHOT_MAX_MS) throw new VoiceError('AUDIO_TOO_LONG');
  return { format, durationMs };
}

function lengthOf(bytes: Buffer, format: AudioFormat, { sampleRateHz }: Engine): number | undefined {
  if (format === 'pcm') return (Math.floor(bytes.length / BYTES_PER_SAMPLE) * 1000) / sampleRateHz;
  if (format !== 'wav') return LENGTHS[format](bytes);
  const { rateHz, durationMs } = readWav(bytes);
  if (rateHz !== sampleRateHz) throw new VoiceError('BAD_SAMPLE_RATE', { detail: 'wav.rate' });
  return durationMs;
}
