import { expect, it } from 'vitest';
import { at, tone } from '../../testing/audio.ts';
import { AudioBuffer } from './audio-buffer.ts';
import { LevelMeter } from './level-meter.ts';
import { RecognitionProgress } from './recognition-progress.ts';

const RATE_HZ = 16_000;

it('audio before a head that an earlier owner heard is unsettled, though it is not in the buffer', () => {
  const buffer = new AudioBuffer(at(30_000));
  buffer.append(at(30_000), tone(1_000));
  const head = {
    pos: at(30_000),
    text: '从前',
    startPos: 0,
    words: [{ text: '从前', startPos: 0, endPos: at(400) }],
  };
  const params = {
    engine: '16k_zh',
    sampleRate: RATE_HZ,
    hotwords: [],
    silenceMs: 1_000,
    wordTimes: true,
  } as const;
  const levels = new LevelMeter(RATE_HZ, at(30_000));
  const checkpoint = { pos: 0, overlap: null };
  const progress = new RecognitionProgress(
    { params: { ...params, hotwords: [] }, buffer, levels, checkpoint, head, findHeads: true },
    { interim() {}, final() {}, checkpoint() {}, head() {} },
  );
  expect(progress.unsettledSamples(at(31_000))).toBe(at(31_000));
  expect(progress.resume.pos).toBe(at(30_000));
});
