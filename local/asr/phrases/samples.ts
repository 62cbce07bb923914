import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Upsampler } from '../../../lib/resample.ts';
import { readMonoWav } from '../mono-wav.ts';
import { ENGINE_RATE_HZ } from '../recogniser.ts';
import { analyseRecording, PhraseBank, type PhraseRecording } from './bank.ts';
import { decodeBank } from './bank-file.ts';

/** An enrolled phrase, as samples/phrases.json lists it. */
export interface Phrase {
  id: string;
  text: string;
  /** Relative to the samples folder. */
  file: string;
  durationMs: number;
}

/** Recordings of the phrases in other voices, as energies. */
export const BANK_FILE = 'bank.bin';
const PHRASES_FOLDER = 'phrases';

interface EnrolledFile extends Phrase {
  samples: Int16Array;
}

/**
 * The samples of a WAV file at the engines' rate.
 * @throws {Error} when the rate is not 8 or 16 kHz, or `readMonoWav` cannot read it
 */
function readWavAtEngineRate(file: Uint8Array): Int16Array {
  const { sampleRateHz, samples } = readMonoWav(file);
  if (sampleRateHz === ENGINE_RATE_HZ) return samples;
  if (sampleRateHz * 2 === ENGINE_RATE_HZ) return new Upsampler().push(samples);
  throw new Error(`采样率 ${sampleRateHz} Hz 不受支持，请用 16000 或 8000`);
}

/** All pairs of `X.wav` and `X.txt` in the phrases folder. */
export function enrolledFiles(samplesDir: string): EnrolledFile[] {
  const folder = join(samplesDir, PHRASES_FOLDER);
  if (!existsSync(folder)) throw new Error(`没有短语目录：${folder}`);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.wav') && existsSync(join(folder, `${basename(name, '.wav')}.txt`)))
    .sort()
    .map((name) => {
      const id = basename(name, '.wav');
      try {
        const samples = readWavAtEngineRate(readFileSync(join(folder, name)));
        const text = readFileSync(join(folder, `${id}.txt`), 'utf8').trim();
        const durationMs = Math.round((samples.length * 1000) / ENGINE_RATE_HZ);
        return { id, text, file: `${PHRASES_FOLDER}/${name}`, durationMs, samples };
      } catch (error) {
        throw new Error(`${join(folder, name)}: ${(error as Error).message}`);
      }
    });
}

/**
 * Loads the bank of a samples folder: its recordings, and those of the same phrases in `bank.bin`.
 * @throws {Error} that names the file that cannot be used
 */
export function loadPhraseBank(samplesDir: string): PhraseBank {
  const files = enrolledFiles(samplesDir);
  const recordings: PhraseRecording[] = files.map(({ text, samples }) => analyseRecording(text, samples));
  const bankFile = join(samplesDir, BANK_FILE);
  if (existsSync(bankFile)) {
    const texts = new Map(files.map(({ id, text }) => [id, text]));
    // an entry whose phrase was removed or reworded is out of date
    const current = decodeBank(readFileSync(bankFile)).filter(({ id, text }) => texts.get(id) === text);
    recordings.push(...current);
  }
  return new PhraseBank(recordings);
}
