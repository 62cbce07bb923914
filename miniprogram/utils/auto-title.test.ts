import { describe, expect, test } from 'vitest';
import { autoTitle, firstWords, partOfDay } from './auto-title.ts';

/** 2026-11-27 is a Friday. */
const friday = (hour: number): number => new Date(2026, 10, 27, hour, 30).getTime();

test.each([
  [0, '周五凌晨'],
  [5, '周五早上'],
  [8, '周五上午'],
  [11, '周五中午'],
  [13, '周五下午'],
  [18, '周五晚上'],
  [23, '周五晚上'],
])('at %i:30 it is %s', (hour, part) => {
  expect(partOfDay(friday(hour))).toBe(part);
});

describe('the first words that say something', () => {
  test.each([
    ['项目进展顺利。', '项目进展顺利'],
    ['嗯，那个，好的，项目进展比较顺利。', '项目进展比较顺利'],
    ['嗯嗯那个就是项目进展', '项目进展'],
    ['大家好，那么讨论发布计划。', '讨论发布计划'],
    ['好，好的好的。对对对，预算的事情', '预算的事情'],
    ['喂，你好。下周三交货', '下周三交货'],
    // a word that only begins like one of them is no filler
    ['好人好事评选', '好人好事评选'],
    ['对账单今天要发', '对账单今天要发'],
    ['OKR 的完成情况', 'OKR 的完成情况'],
    // too short: the next clause is needed to understand it
    ['预算，再加十万', '预算再加十万'],
    ['um, so, let me show you', 'let me show you'],
  ])('%s → %s', (text, words) => {
    expect(firstWords(text)).toBe(words);
  });

  test('are cut with a mark, between two characters or two Latin words', () => {
    expect(firstWords('今天我们要讨论的是明年第一季度的产品路线图')).toBe('今天我们要讨论的是明年第一季…');
    expect(firstWords('discussing requirements together')).toBe('discussing requirements…');
    expect(firstWords('一二三四五六七八九十一二三😀😀')).toBe('一二三四五六七八九十一二三…');
  });

  test('are none where there is only filler, or nothing', () => {
    for (const text of ['', '嗯。', '嗯，那个，好的。', ' ， 。']) expect(firstWords(text)).toBe('');
  });
});

test('a title says when and what', () => {
  expect(autoTitle({ startedAt: friday(9), preview: '嗯，项目进展。' })).toBe('周五上午 · 项目进展');
  expect(autoTitle({ startedAt: friday(20), preview: '' })).toBe('周五晚上 · 没有文字');
});
