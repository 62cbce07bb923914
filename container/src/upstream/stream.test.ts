import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../lib/clock.ts';
import type { AsrSentence } from '../asr/types.ts';
import type { Overlap } from './dedupe.ts';
import { RELAY_RULES } from './rules.ts';
import { Pacer, UpstreamStream } from './stream.ts';

const RATE_HZ = 16_000;
const START_POS = 32_000;
const at = (ms: number): number => (ms * RATE_HZ) / 1000;

/** A connection that begins at 2 s and was sent 5 s. */
function stream(overlap: Overlap | null): UpstreamStream {
  const connection = { voiceId: 'v', bufferedBytes: 0, send() {}, end() {}, close() {} };
  const pacer = new Pacer(systemClock, RELAY_RULES, 0);
  const made = new UpstreamStream({
    connection,
    pacer,
    rateHz: RATE_HZ,
    startPos: START_POS,
    overlap,
    nowMs: 0,
  });
  made.sendAudio(new Uint8Array(2 * at(5_000)), 0);
  return made;
}

/** Times in ms of the connection's audio. */
const sentence = (...words: [text: string, startMs: number, endMs: number][]): AsrSentence => ({
  index: 0,
  final: true,
  text: words.map(([text]) => text).join(''),
  startMs: words[0]?.[1] ?? 0,
  endMs: words.at(-1)?.[2] ?? 0,
  words: words.map(([text, startMs, endMs]) => ({ text, startMs, endMs, stable: true })),
});

describe('a sentence of which the first part is stored already', () => {
  const heard = sentence(['好', 100, 300], ['的', 300, 500], ['晚', 900, 1_100], ['安', 1_100, 1_300]);

  test('begins where its first fresh word begins, not where the known text ends', () => {
    const { placed } = stream({ text: '好的', endPos: START_POS + at(500) }).hear(heard);
    expect(placed.text).toBe('晚安');
    expect(placed.startPos).toBe(START_POS + at(900));
    expect(placed.endPos).toBe(START_POS + at(1_300));
  });

  test('never begins before the end of the known text, whatever its word times say', () => {
    const { placed } = stream({ text: '好的', endPos: START_POS + at(1_000) }).hear(heard);
    expect(placed.startPos).toBe(START_POS + at(1_000));
  });
});

test('without overlap a sentence lies where the recogniser put it', () => {
  const { placed } = stream(null).hear(sentence(['好', 100, 300]));
  expect([placed.startPos, placed.endPos]).toEqual([START_POS + at(100), START_POS + at(300)]);
});
