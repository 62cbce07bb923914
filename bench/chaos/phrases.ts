import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readMonoWav } from '../../local/asr/audio/mono-wav.ts';

/** All speakers use the default engine's rate. */
export const RATE_HZ = 16_000;
const SAMPLES_DIR = new URL('../../samples/', import.meta.url);
/** A frame of 10 ms this loud belongs to the speech, root mean square of 16-bit samples. */
const LOUD_RMS = 200;
const FRAME_SAMPLES = RATE_HZ / 100;

export interface Phrase {
  id: string;
  text: string;
  samples: Int16Array;
  /** Where in `samples` the voice begins and ends. */
  voice: { from: number; to: number };
}

/** The sample phrases, as they are recorded. */
export function loadPhrases(): Phrase[] {
  const list = JSON.parse(readFileSync(fileURLToPath(new URL('phrases.json', SAMPLES_DIR)), 'utf8')) as {
    id: string;
    text: string;
    file: string;
  }[];
  return list.map(({ id, text, file }) => {
    const { samples, sampleRateHz } = readMonoWav(readFileSync(fileURLToPath(new URL(file, SAMPLES_DIR))));
    if (sampleRateHz !== RATE_HZ) throw new Error(`${file} has ${sampleRateHz} Hz`);
    return { id, text, samples, voice: voiceOf(samples) };
  });
}

function voiceOf(samples: Int16Array): { from: number; to: number } {
  const loud: number[] = [];
  for (let at = 0; at + FRAME_SAMPLES <= samples.length; at += FRAME_SAMPLES) {
    let sum = 0;
    for (const sample of samples.subarray(at, at + FRAME_SAMPLES)) sum += sample * sample;
    if (Math.sqrt(sum / FRAME_SAMPLES) >= LOUD_RMS) loud.push(at);
  }
  return { from: loud[0] ?? 0, to: (loud.at(-1) ?? samples.length - FRAME_SAMPLES) + FRAME_SAMPLES };
}
