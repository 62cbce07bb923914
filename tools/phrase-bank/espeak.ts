import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMonoWav } from '../../local/asr/../../local/asr/mono-wav.ts';

/**
 * Real Mandarin syllables. (espeak-ng 1.51's `cmn` reads Hanzi as if they were English spellings.)
 */
const SPEAK = 'espeak-ng';
const CONVERT = 'sox';
const VOICE = 'cmn-latn-pinyin';
const WORDS_PER_MINUTE = 200;
/** Under full scale, so that resampling does not clip. */
const GAIN_DB = -4;
const SILENCE = 200;
const EDGE_SAMPLES = 320;

export interface Speech {
  /** Variant such as `+f3`; the plain voice without. */
  voice?: string;
  /** 0 … 99 */
  pitch?: number;
  wordsPerMinute?: number;
}

/** Speaks with espeak-ng, resamples with sox to 16 kHz and cuts the silence off. The output is the same every time. */
export function say(
  text: string,
  { voice = '', pitch = 50, wordsPerMinute = WORDS_PER_MINUTE }: Speech = {},
): Int16Array {
  const folder = mkdtempSync(join(tmpdir(), 'say-'));
  try {
    const [spoken, resampled] = [join(folder, 'spoken.wav'), join(folder, 'resampled.wav')];
    execFileSync(SPEAK, [
      '-v',
      VOICE + voice,
      '-p',
      `${pitch}`,
      '-s',
      `${wordsPerMinute}`,
      '-w',
      spoken,
      text,
    ]);
    execFileSync(CONVERT, [
      '-D',
      '-V1',
      spoken,
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
  const loud = (sample: number): boolean => Math.abs(sample) > SILENCE;
  const first = samples.findIndex(loud);
  const last = samples.findLastIndex(loud);
  return samples.slice(Math.max(0, first - EDGE_SAMPLES), last + EDGE_SAMPLES);
}
