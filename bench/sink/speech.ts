import { readFile } from 'node:fs/promises';
import { msToSamples } from '../../contract/limits.ts';
import { readMonoWav } from '../../local/asr/mono-wav.ts';
import { PERIOD_SAMPLES, SPEECH } from './stamp.ts';

/** Room noise in a pause, −72 dB. */
const NOISE_AMPLITUDE = 8;

/** One period of {@link SPEECH}: a sentence of a recording and a pause, as bytes. */
export async function readSpeech(): Promise<Buffer> {
  const { samples } = readMonoWav(await readFile('samples/meeting.wav'));
  const period = new Int16Array(PERIOD_SAMPLES);
  period.set(samples.subarray(0, msToSamples(SPEECH.sentenceMs, SPEECH.rateHz)));
  for (let i = msToSamples(SPEECH.sentenceMs, SPEECH.rateHz); i < period.length; i++)
    period[i] = ((i * 7919) % (2 * NOISE_AMPLITUDE + 1)) - NOISE_AMPLITUDE;
  return Buffer.from(period.buffer);
}
