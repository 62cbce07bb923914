import fc from 'fast-check';
import { expect, test } from 'vitest';
import { charsOf, diffTexts } from './text-diff.ts';

const counts = (spoken: string, recognised: string) => {
  const { lost, duplicated, reordered } = diffTexts(charsOf(spoken), charsOf(recognised));
  return { lost, duplicated, reordered };
};
const NOTHING = { lost: 0, duplicated: 0, reordered: 0 };

test('the same text is the same, whatever its punctuation', () => {
  expect(counts('好的，没有问题。晚安。', '好的没有问题 晚安')).toEqual(NOTHING);
});

test('a phrase that is missing is lost, in the middle as at the ends', () => {
  for (const recognised of ['没有问题晚安', '好的晚安', '好的没有问题'])
    expect(counts('好的没有问题晚安', recognised)).toEqual({ ...NOTHING, lost: 8 - recognised.length });
});

test('a phrase that is present twice is duplicated once', () => {
  expect(counts('好的没有问题晚安', '好的没有问题没有问题晚安')).toEqual({ ...NOTHING, duplicated: 4 });
});

test('two phrases that changed places are reordered, not lost and duplicated', () => {
  const { lost, duplicated, reordered } = counts('今天开会晚安', '晚安今天开会');
  expect([lost, duplicated]).toEqual([0, 0]);
  expect(reordered).toBe(2);
});

test('a phrase spoken twice and recognised once is lost once', () => {
  expect(counts('晚安好的晚安', '晚安好的')).toEqual({ ...NOTHING, lost: 2 });
});

test('a substituted character is one lost and one duplicated', () => {
  expect(counts('我想喝热咖啡', '我想喝凉咖啡')).toEqual({ ...NOTHING, lost: 1, duplicated: 1 });
});

test('nothing recognised: all is lost; nothing spoken: all is duplicated', () => {
  expect(counts('晚安', '')).toEqual({ ...NOTHING, lost: 2 });
  expect(counts('', '晚安')).toEqual({ ...NOTHING, duplicated: 2 });
});

test('the origin of each recognised character is reported', () => {
  expect([...diffTexts([...'甲乙丙'], [...'甲丙丁']).origin]).toEqual([0, 2, -1]);
});

test('lost and duplicated characters account for the difference in length', () => {
  const text = fc.array(fc.constantFrom(...'甲乙丙丁'), { maxLength: 40 });
  fc.assert(
    fc.property(text, text, (spoken, recognised) => {
      const { lost, duplicated, origin } = diffTexts(spoken, recognised);
      expect(spoken.length - lost + duplicated).toBe(recognised.length);
      for (const [i, from] of origin.entries()) if (from >= 0) expect(spoken[from]).toBe(recognised[i]);
    }),
  );
});
