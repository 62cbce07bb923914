import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMonoWav } from '../../local/asr/mono-wav.ts';

const SYNTHESISER = 'espeak-ng';
const CONVERTER = 'sox';
/** Speaks Mandarin syllables. espeak-ng 1.51's `cmn` does not: it reads Hanzi as English letters and digits. */
const VOICE = 'cmn-latn-pinyin';
const WORDS_PER_MINUTE = 200;
/** Gain before resampling, so that it does not clip. */
const GAIN_DB = -4;
/** Samples up to this magnitude are silence. */
const SILENCE_LEVEL = 200;
/** Silence that is kept at both ends, samples (20 ms). */
const EDGE_SAMPLES = 320;

export interface VoiceOptions {
  /** Variant of the voice, such as `+f3`; default: none. */
  voice?: string;
  /** 0 … 99; default 50. */
  pitch?: number;
  wordsPerMinute?: number;
}

/** Synthesises with espeak-ng, resamples to 16 kHz with sox and trims the silence. The output is always the same. */
export function synthesise(
  text: string,
  { voice = '', pitch = 50, wordsPerMinute = WORDS_PER_MINUTE }: VoiceOptions = {},
): Int16Array {
  const folder = mkdtempSync(join(tmpdir(), 'synthesise-'));
  try {
    const [original, resampled] = [join(folder, 'original.wav'), join(folder, 'resampled.wav')];
    execFileSync(SYNTHESISER, [
      '-v',
      VOICE + voice,
      '-p',
      `${pitch}`,
      '-s',
      `${wordsPerMinute}`,
      '-w',
      original,
      text,
    ]);
    execFileSync(CONVERTER, [
      '-D',
      '-V1',
      original,
      '-r',
      '16000',
      '-b',
      '16',
      '-c',
      '1',
      resampled,
      'gain',
      '-h',
      `${GAIN_DB}`,
    ]);
    return trim(readMonoWav(readFileSync(resampled)).samples);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function trim(samples: Int16Array): Int16Array {
  const loud = (sample: number): boolean => Math.abs(sample) > SILENCE_LEVEL;
  const first = samples.findIndex(loud);
  const last = samples.findLastIndex(loud);
  return samples.slice(Math.max(0, first - EDGE_SAMPLES), last + EDGE_SAMPLES);
}
