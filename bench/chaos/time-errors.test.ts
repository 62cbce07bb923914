import { expect, test } from 'vitest';
import type { Phrase, Script } from './script.ts';
import { diffTexts } from './text-diff.ts';
import { timeErrors } from './time-errors.ts';
import { wordsOf } from './words.ts';

const RATE_PER_MS = 16;
const phrase = (text: string, ms: number): Phrase => ({
  id: text,
  text,
  samples: new Int16Array(ms * RATE_PER_MS),
  voice: { from: 0, to: ms * RATE_PER_MS },
});
/** 「好的」 0–1 s, a pause of 2 s, 「没有」 3–4 s, 0.3 s, 「问题」 4.3–5.3 s. */
const script: Script = {
  utterances: [
    ['好的', 0],
    ['没有', 3_000],
    ['问题', 4_300],
  ].map(([text, at]) => ({
    phrase: phrase(String(text), 1_000),
    startPos: Number(at) * RATE_PER_MS,
    endPos: (Number(at) + 1_000) * RATE_PER_MS,
  })),
  length: 6_000 * RATE_PER_MS,
  hurriedShare: 0,
};

const largest = (...sentences: Parameters<typeof timeErrors>[1]): number => {
  const spoken = script.utterances.flatMap(({ phrase: { text } }) => wordsOf(text));
  return (
    timeErrors(
      script,
      sentences,
      diffTexts(
        spoken,
        sentences.map(({ text }) => text),
      ).origin,
    )[0]?.ms ?? 0
  );
};

test('true times have no error', () => {
  expect(
    largest({ text: '好的', startMs: 0, endMs: 1_000 }, { text: '没有问题', startMs: 3_000, endMs: 5_300 }),
  ).toBe(0);
});

test('at a pause the error of a start or end is its distance from the voice, early or late', () => {
  expect(largest({ text: '好的', startMs: 0, endMs: 1_250 })).toBe(250);
  expect(
    largest({ text: '好的', startMs: 0, endMs: 1_000 }, { text: '没有问题', startMs: 2_600, endMs: 5_300 }),
  ).toBe(400);
});

test('where a sentence was split within speech, its edge must only lie within the phrase', () => {
  expect(
    largest({ text: '好的没有', startMs: 0, endMs: 3_600 }, { text: '问题', startMs: 4_400, endMs: 5_300 }),
  ).toBe(0);
  expect(
    largest({ text: '好的没有', startMs: 0, endMs: 3_600 }, { text: '问题', startMs: 4_000, endMs: 5_300 }),
  ).toBe(300);
});

test('a word must lie within its phrase', () => {
  const words = [
    { text: '好', startMs: 0, endMs: 500 },
    { text: '的', startMs: 500, endMs: 1_120 },
  ];
  expect(largest({ text: '好的', startMs: 0, endMs: 1_000, words })).toBe(120);
});
