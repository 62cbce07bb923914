import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffTexts } from './text-diff.ts';
import { wordsOf } from './words.ts';

const counts = (spoken: string, ...sentences: string[]) => {
  const { lost, duplicated, reordered } = diffTexts(wordsOf(spoken), sentences);
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

test('a substituted word is one lost and one duplicated', () => {
  expect(counts('我想喝热咖啡', '我想喝凉咖啡')).toEqual({ ...NOTHING, lost: 1, duplicated: 1 });
});

test('nothing recognised: all is lost; nothing spoken: all is duplicated', () => {
  expect(counts('晚安', '')).toEqual({ ...NOTHING, lost: 2 });
  expect(counts('', '晚安')).toEqual({ ...NOTHING, duplicated: 2 });
});

test('the origin of each recognised word is reported', () => {
  expect([...diffTexts([...'甲乙丙'], ['甲丙丁']).origin]).toEqual([0, 2, -1]);
});

test('lost and duplicated words account for the difference in length', () => {
  const text = fc.array(fc.constantFrom(...'甲乙丙丁'), { maxLength: 40 });
  fc.assert(
    fc.property(text, text, (spoken, recognised) => {
      const { lost, duplicated, origin } = diffTexts(spoken, [recognised.join('')]);
      expect(spoken.length - lost + duplicated).toBe(recognised.length);
      for (const [i, from] of origin.entries()) if (from >= 0) expect(spoken[from]).toBe(recognised[i]);
    }),
  );
});

test('a cut English word is lost, and each of its pieces is duplicated', () => {
  expect(counts('everything is saved', 'every', 'thing is saved')).toEqual({
    ...NOTHING,
    lost: 1,
    duplicated: 2,
  });
});

test('an English word that is there twice is duplicated once', () => {
  expect(counts('we save everything', 'we save everything', 'everything')).toEqual({
    ...NOTHING,
    duplicated: 1,
  });
});

test('an English word that differs in a letter is another word', () => {
  expect(counts('项目的 deadline', '项目的 deadlin')).toEqual({ ...NOTHING, lost: 1, duplicated: 1 });
});

test('the beginning of a word at the end of a sentence is no word where the next sentence has the whole word', () => {
  expect(counts('we save everything', 'We save every', 'everything')).toEqual(NOTHING);
  expect(counts('版本二零二六年', '版本二零', '2026年')).toEqual(NOTHING);
  expect(counts('we save everything', 'We save every', 'thing', 'everything')).toEqual({
    ...NOTHING,
    duplicated: 2,
  });
});

test('at a declared loss words may be missing or others, elsewhere not', () => {
  const spoken = wordsOf('今天开会晚安明天见');
  const optional = new Set([2, 3]);
  const countsOf = (...sentences: string[]) => {
    const { lost, duplicated, reordered } = diffTexts(spoken, sentences, optional);
    return { lost, duplicated, reordered };
  };
  for (const text of ['今天晚安明天见', '今天开会晚安明天见', '今天开〔语音 2 秒〕晚安明天见'])
    expect(countsOf(text), text).toEqual(NOTHING);
  // 好的 was said twice, and only the first time may be missing
  expect(diffTexts(wordsOf('今天好的好的明天'), ['今天好的明天'], new Set([2, 3])).lost).toBe(0);
  expect(countsOf('今天安明天见')).toEqual({ ...NOTHING, lost: 1 });
  expect(countsOf('今天晚安明天见明天见')).toEqual({ ...NOTHING, duplicated: 3 });
});

test('a number in digits is the number in characters', () => {
  expect(counts('上午十点，百分之十二，三十秒，二零二六年', '上午10点，百分之12，30秒，2026年')).toEqual(
    NOTHING,
  );
  expect(counts('百分之十二', '百分之10', '二')).toEqual(NOTHING);
  expect(counts('上午十点', '上午11点')).toEqual({ ...NOTHING, duplicated: 1 });
});
