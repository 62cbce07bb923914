import { expect, test } from 'vitest';
import type { Phrase, Script } from '../chaos/script.ts';
import { reachedWords, timedWordsOf } from './screen.ts';

const phrase = (text: string): Phrase => ({
  id: text,
  text,
  samples: new Int16Array(16_000),
  voice: { from: 1_600, to: 14_400 },
});
const script: Script = {
  utterances: [
    { phrase: phrase('今天十点。'), startPos: 0, endPos: 16_000 },
    { phrase: phrase('Thank you everyone.'), startPos: 32_000, endPos: 48_000 },
  ],
  length: 64_000,
  hurriedShare: 1,
};
const words = timedWordsOf(script);
const reached = (...texts: string[]): number =>
  reachedWords(
    words,
    texts.map((text) => ({ text })),
  );

test('words have the times of their phrase, in equal parts', () => {
  expect(words.map(({ text }) => text)).toEqual(['今', '天', '十', '点', 'thank', 'you', 'everyone']);
  expect(words.map(({ startMs }) => Math.round(startMs))).toEqual([100, 300, 500, 700, 2_100, 2_367, 2_633]);
});

test('what a screen shows is counted along the script, whatever its sentences', () => {
  expect(reached()).toBe(0);
  expect(reached('今天')).toBe(2);
  expect(reached('今天十点。', 'Thank')).toBe(5);
  expect(reached('今天十点。Thank you everyone.')).toBe(7);
});

test('another spelling, a wrong guess and a missing word stop the count only for themselves', () => {
  expect(reached('今天10点')).toBe(4);
  expect(reached('今明十点')).toBe(4);
  expect(reached('今十点')).toBe(4);
  // a word that comes much later in the script is not taken for it
  expect(reached('今everyone')).toBe(1);
});
