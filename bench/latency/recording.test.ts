import { expect, test } from 'vitest';
import { readWav } from '../../lib/wav.ts';
import { PERIOD_SAMPLES, readAudioStamp } from '../sink/stamp.ts';
import { FRAME_BYTES, FRAME_SAMPLES, stampedRecording } from './recording.ts';

/** Loud, so that the way through the browser's floats matters. */
const period = Buffer.from(
  Int16Array.from({ length: PERIOD_SAMPLES }, (_, i) => (i * 7_919) % 65_536).buffer,
);

/** As the browser host reads a file and hands its samples to the app (runtime/wx/pcm.ts). */
const throughBrowser = (samples: Int16Array): Int16Array =>
  samples.map((sample) => Math.round(Math.fround(sample / 32_768) * 32_767));

test('every frame has its number, also after the way through the browser', () => {
  const { samples, sampleRateHz } = readWav(stampedRecording(period, 70));
  expect([samples.length, sampleRateHz]).toEqual([70 * FRAME_SAMPLES, 16_000]);
  const heard = new Uint8Array(throughBrowser(samples).buffer);
  for (let frame = 0; frame < 70; frame++)
    expect(readAudioStamp(heard.subarray(frame * FRAME_BYTES), frame)).toBe(0);
});

test('the speech is repeated without a gap', () => {
  const { samples } = readWav(stampedRecording(period, 70));
  const original = new Int16Array(period.buffer, period.byteOffset, PERIOD_SAMPLES);
  for (const at of [500, FRAME_SAMPLES + 40, PERIOD_SAMPLES + 100])
    expect(samples[at]).toBe((original[at % PERIOD_SAMPLES] as number) >> 2);
});
