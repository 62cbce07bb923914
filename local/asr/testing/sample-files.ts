import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMonoWav } from '../mono-wav.ts';

export const SAMPLES_DIR = fileURLToPath(new URL('../../../samples', import.meta.url));
export const RECORDING_NAMES = ['meeting', 'review', 'daily', 'fast'] as const;

export interface Sample {
  name: string;
  samples: Int16Array;
  /** Content of the .txt file of the same name. */
  text: string;
}

/** Reads a recording of samples/ with its text; `name` may contain a folder. */
export function readSample(name: string): Sample {
  const { samples } = readMonoWav(readFileSync(join(SAMPLES_DIR, `${name}.wav`)));
  return { name, samples, text: readFileSync(join(SAMPLES_DIR, `${name}.txt`), 'utf8').trim() };
}

export const readSampleFolder = (folder: string): Sample[] =>
  readdirSync(join(SAMPLES_DIR, folder))
    .filter((file) => file.endsWith('.wav'))
    .map((file) => readSample(`${folder}/${basename(file, '.wav')}`));
