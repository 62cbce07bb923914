import fc from 'fast-check';
import { expect, test } from 'vitest';
import { charsOf, compare } from './align.ts';

const counts = (said: string, got: string) => {
  const { lost, duplicated, reordered } = compare(charsOf(said), charsOf(got));
  return { lost, duplicated, reordered };
};
const NOTHING = { lost: 0, duplicated: 0, reordered: 0 };

test('the same text is the same, whatever its punctuation', () => {
  expect(counts('好的，没有问题。晚安。', '好的没有问题 晚安')).toEqual(NOTHING);
});

test('a phrase that is missing is lost, in the middle as at the ends', () => {
  for (const got of ['没有问题晚安', '好的晚安', '好的没有问题'])
    expect(counts('好的没有问题晚安', got)).toEqual({ ...NOTHING, lost: 8 - got.length });
});

test('a phrase that stands twice is doubled once', () => {
  expect(counts('好的没有问题晚安', '好的没有问题没有问题晚安')).toEqual({ ...NOTHING, duplicated: 4 });
});

test('two phrases that changed places are reordered, not lost and doubled', () => {
  const { lost, duplicated, reordered } = counts('今天开会晚安', '晚安今天开会');
  expect([lost, duplicated]).toEqual([0, 0]);
  expect(reordered).toBe(2);
});

test('one phrase said twice and heard once is lost once', () => {
  expect(counts('晚安好的晚安', '晚安好的')).toEqual({ ...NOTHING, lost: 2 });
});

test('a word in the place of another is one lost and one too many', () => {
  expect(counts('我想喝热咖啡', '我想喝凉咖啡')).toEqual({ ...NOTHING, lost: 1, duplicated: 1 });
});

test('nothing got: all is lost; nothing said: all is too much', () => {
  expect(counts('晚安', '')).toEqual({ ...NOTHING, lost: 2 });
  expect(counts('', '晚安')).toEqual({ ...NOTHING, duplicated: 2 });
});

test('where each character comes from is told', () => {
  expect([...compare([...'甲乙丙'], [...'甲丙丁']).origin]).toEqual([0, 2, -1]);
});

test('whatever happens to a text, what is lost and what is too much account for its length', () => {
  const text = fc.array(fc.constantFrom(...'甲乙丙丁'), { maxLength: 40 });
  fc.assert(
    fc.property(text, text, (said, got) => {
      const { lost, duplicated, origin } = compare(said, got);
      expect(said.length - lost + duplicated).toBe(got.length);
      for (const [i, from] of origin.entries()) if (from >= 0) expect(said[from]).toBe(got[i]);
    }),
  );
});
