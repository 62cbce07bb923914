import { describe, expect, it } from 'vitest';
import { extendOverlap, overlapAfter, withoutOverlap } from './dedupe.ts';

/** Positions below are ms. */
const RATE_HZ = 1_000;
const overlap = { text: '现在开', endPos: 1_000 };
const word = (text: string, startPos: number, endPos: number) => ({ text, startPos, endPos });

describe('text that is stored already', () => {
  it.each([
    ['is taken off the front', '现在开始。', '始。', null],
    ['is taken off whatever the punctuation', '现在，开始', '始', null],
    ['hides a sentence that is nothing else yet', '现在', '', '开'],
    ['is gone when the sentence is just it', '现在开。', '', null],
    ['differs in the case of letters only', 'OK', '', null],
  ])('%s', (_name, text, rest, left) => {
    const known = text === 'OK' ? { text: 'ok', endPos: 1_000 } : overlap;
    const result = withoutOverlap(text, [], known, RATE_HZ);
    expect(result.text).toBe(rest);
    expect(result.left?.text ?? null).toBe(left);
  });

  it('is told by word times where it is now spelled otherwise', () => {
    const words = [word('像', 0, 300), word('在', 300, 600), word('开', 600, 990), word('始', 1_010, 1_400)];
    expect(withoutOverlap('像在开始', words, overlap, RATE_HZ)).toEqual({ text: '始', left: null });
  });

  it('stays expected while every word still lies in it', () => {
    expect(withoutOverlap('像', [word('像', 0, 300)], overlap, RATE_HZ)).toEqual({ text: '', left: overlap });
  });

  it('does not swallow what it cannot place', () => {
    expect(withoutOverlap('别的', [], overlap, RATE_HZ)).toEqual({ text: '别的', left: null });
  });
});

describe('the text that will be heard again', () => {
  const sentence = (text: string, words: ReturnType<typeof word>[]) => ({
    text,
    startPos: 0,
    endPos: 900,
    words,
  });
  const english = [word('we', 0, 200), word('use', 300, 500), word('every', 600, 900)];

  it('keeps the spaces between its words', () => {
    expect(overlapAfter(sentence('We use every', english), 250)?.text).toBe('use every');
  });

  it('keeps two sentences apart', () => {
    const known = { text: 'We use', endPos: 500 };
    expect(extendOverlap(known, sentence('every', english.slice(2))).text).toBe('We use every');
  });

  it('is the words alone where the text spells them otherwise', () => {
    expect(overlapAfter(sentence('用 10 个', [word('用', 0, 200), word('十', 300, 500)]), 250)?.text).toBe(
      '十',
    );
  });
});

describe('words', () => {
  const cut = (text: string, known: string, words: ReturnType<typeof word>[] = []) =>
    withoutOverlap(text, words, { text: known, endPos: 1_000 }, RATE_HZ).text;

  it.each([
    ['every', 'everything is saved', 'everything is saved'],
    ['we save every', 'We save everything', 'everything'],
    ['我们用 every', '我们用 everything 保存', 'everything 保存'],
    ['save the', 'save the file', 'file'],
    ['I don', "I don't know", "don't know"],
    ['版本 3', '版本 3.5 发布', '3.5 发布'],
    ['第 1', '第 10 章', '10 章'],
  ])('are never cut: after "%s", "%s" goes on with "%s"', (known, text, rest) => {
    expect(cut(text, known)).toBe(rest);
  });

  it.each([
    ['我们用 React 写', '我们用 react 写页面', '页面'],
    ['一共二十五', '一共 25 个人', '个人'],
    ['一共25', '一共二十五个人', '个人'],
    ['二零二六年', '2026年开始', '开始'],
    ['两百', '200 块', '块'],
    ['三千零五', '3005 号', '号'],
    ['现在开会了', '显在开会了大家好', '大家好'],
    ['their plan', 'there plan is good', 'is good'],
    ['打开 Wi-Fi 设置', '打开 wifi 设置页', '页'],
  ])(
    'spelled otherwise are found again without word times: after "%s", "%s" goes on with "%s"',
    (known, text, rest) => {
      expect(cut(text, known)).toBe(rest);
    },
  );

  it('of which the known text is only the beginning stay whole, whatever their middle', () => {
    const words = [word('every', 0, 0), word('everything', 200, 1_700), word('counts', 1_700, 2_000)].slice(
      1,
    );
    expect(cut('everything counts', 'every', words)).toBe('everything counts');
  });

  it('that are longer now stay whole, however little of them is missing in the known text', () => {
    const words = [word('我', 300, 400), word('的', 400, 500), word('email', 500, 1_070)];
    expect(cut('我的 email。', '我的 emai', words)).toBe('email。');
    expect(cut('我的 email', '我的 emai', words)).toBe('email');
  });

  it('before a beginning are known, although they begin alike', () => {
    const words = [word('Every', 300, 600), word('week', 600, 950), word('we', 950, 1_150)];
    for (const endPos of [950, 1_000, 1_150])
      expect(
        withoutOverlap('Every week we', words, { text: 'Every week w', endPos }, RATE_HZ).text,
        `${endPos}`,
      ).toBe('we');
  });

  it('that end with the known audio are known where they are spelled otherwise', () => {
    const words = [word('there', 300, 1_020), word('begin', 1_100, 1_400)];
    expect(cut('there begin', 'their', words)).toBe('begin');
  });

  it('are placed by time where two places are spelled alike', () => {
    const words = [word('好', 500, 990), word('好', 1_010, 1_300), word('的', 1_300, 1_500)];
    expect(cut('好好的', '号', words)).toBe('好的');
  });

  it('in a sentence of which numbers are read in different ways are found by their spelling', () => {
    const words = [word('二十五', 300, 500), word('二零二六', 520, 760), word('发布计', 760, 1_190)];
    const heard = [...words, word('classes', 1_490, 2_280)];
    expect(cut('二十五二零二六发布计classes', '25 2026发布计', heard)).toBe('classes');
  });

  it('that are spelled as a whole are known, whatever their end', () => {
    const words = [word('套', 300, 600), word('classes', 600, 1_390), word('begin', 1_400, 1_900)];
    expect(cut('套 classes begin', '讨 classes', words)).toBe('begin');
  });

  it('of another language than the text before are told apart', () => {
    expect(cut('今天讨论 deadline 的问题', '今天讨论 dead line')).toBe('的问题');
  });
});
