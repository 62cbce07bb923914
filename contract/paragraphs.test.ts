import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinSentences, paragraphsOf, type Spoken } from './paragraphs.ts';

/** A sentence of `chars` characters after a pause. */
const spoken = (pauseMs: number, chars: number) => ({ pauseMs, chars });
const timed = (parts: { pauseMs: number; chars: number }[]): Spoken[] => {
  let ms = 0;
  return parts.map(({ pauseMs, chars }) => {
    const startMs = ms + pauseMs;
    ms = startMs + chars * 200;
    return { text: '字'.repeat(chars), startMs, endMs: ms };
  });
};
const lengths = (parts: { pauseMs: number; chars: number }[]): number[] =>
  paragraphsOf(timed(parts), (sentence) => sentence).map(({ length }) => length);

test('a long pause begins a paragraph; a short one does so where there is enough text already', () => {
  expect(lengths([spoken(0, 20), spoken(1_000, 20), spoken(2_500, 20), spoken(100, 20)])).toEqual([2, 2]);
  expect(lengths([spoken(0, 60), spoken(1_000, 60), spoken(100, 20), spoken(1_000, 20)])).toEqual([3, 1]);
});

test('without any pause a paragraph ends before it gets too long', () => {
  expect(lengths(Array.from({ length: 7 }, () => spoken(0, 100)))).toEqual([3, 3, 1]);
  expect(lengths([spoken(0, 20), spoken(0, 500), spoken(0, 20)])).toEqual([1, 1, 1]);
});

test('what is no sentence stands alone', () => {
  const items = [...timed([spoken(0, 5), spoken(0, 5)]), null, ...timed([spoken(0, 5)])];
  expect(paragraphsOf(items, (item) => item).map(({ length }) => length)).toEqual([2, 1, 1]);
});

test('nothing is lost, whatever the pauses and lengths', () => {
  const part = fc.record({ pauseMs: fc.nat(5_000), chars: fc.nat(400) });
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const sentences = timed(parts);
      const paragraphs = paragraphsOf(sentences, (sentence) => sentence);
      expect(paragraphs.flat()).toEqual(sentences);
      expect(paragraphs.every(({ length }) => length > 0)).toBe(true);
    }),
  );
});

test('a space stands behind Latin sentences, none behind Chinese ones', () => {
  expect(joinSentences(['你好。', '今天开会。', 'OK.', 'Next one.', '完'])).toBe(
    '你好。今天开会。OK. Next one. 完',
  );
});
