import { describe, expect, it } from 'vitest';
import { Random } from '../../../lib/random.ts';
import { withoutOverlap } from './dedupe.ts';

/** Positions below are ms. */
const RATE_HZ = 1_000;
const HAN = '今天我们讨论发布计划和测试结果下周再看一遍性能数据库连接已经恢复请大家注意时间安排';
const WORDS = ['every', 'everything', 'class', 'classes', 'deadline', 'review', 'we', 'week', 'data'];
const NUMBERS = [
  ['25', '二十五'],
  ['2026', '二零二六'],
  ['3005', '三千零五'],
  ['10', '十'],
] as const;
/** Characters that sound like others. */
const ALIKE: Readonly<Record<string, string>> = {
  讨: '套',
  计: '记',
  试: '式',
  周: '洲',
  请: '清',
  间: '见',
  据: '聚',
  库: '酷',
};

interface Spoken {
  spellings: readonly string[];
  startMs: number;
  endMs: number;
}

const isLatin = (text: string): boolean => /[A-Za-z0-9]/.test(text);
const joined = (texts: readonly string[]): string =>
  texts.reduce((text, next) => {
    const isSeparate = text !== '' && isLatin(text.at(-1) ?? '') && isLatin(next);
    return `${text}${isSeparate ? ' ' : ''}${next}`;
  }, '');

/** Words in the order of time. No character is said twice in a row: which of two was cut nobody could tell from the spelling. */
function speech(random: Random, count: number): Spoken[] {
  let atMs = random.int(0, 500);
  let last = '';
  return Array.from({ length: count }, () => {
    const starts = [...HAN].slice(0, -3).flatMap((char, i) => (char === last ? [] : [i]));
    const start = random.pick(starts);
    const han = HAN.slice(start, start + random.int(1, 3));
    last = han.at(-1) ?? '';
    const spellings = random.chance(0.2)
      ? [random.pick(WORDS)]
      : random.chance(0.15)
        ? random.pick(NUMBERS)
        : [han, [...han].map((char) => ALIKE[char] ?? char).join('')];
    const startMs = atMs;
    const endMs = startMs + 160 + 90 * (spellings[0] as string).length;
    atMs = endMs + (random.chance(0.3) ? random.int(20, 60) : 0);
    return { spellings, startMs, endMs };
  });
}

/**
 * A sentence that was ended by force within a word, and what follows, heard again in other spellings. The word is stored as a whole
 * if it was heard up to its middle, else not, or, in letters, its beginning.
 * @param stepMs a recogniser tells times in multiples of it
 */
function cutSentence(random: Random, stepMs: number) {
  const spoken = speech(random, random.int(3, 14));
  const cutWord = random.int(1, spoken.length - 2);
  const { startMs, endMs, spellings } = spoken[cutWord] as Spoken;
  const endPos = random.int(startMs + 1, endMs);
  const hasMiddle = (startMs + endMs) / 2 <= endPos;
  const letters = Math.floor(((endPos - startMs) / (endMs - startMs)) * (spellings[0] as string).length);
  const spell = () => spoken.map((word) => random.pick(word.spellings));
  const [before, again] = [spell(), spell()];
  const whole = before.slice(0, hasMiddle ? cutWord + 1 : cutWord);
  const isFragment = !hasMiddle && letters >= 2 && /^[A-Za-z]/.test(spellings[0] as string);
  const stored = joined([...whole, ...(isFragment ? [(before[cutWord] as string).slice(0, letters)] : [])]);
  const told = (ms: number) => Math.round(ms / stepMs) * stepMs;
  const words = again.map((text, i) => {
    const word = spoken[i] as Spoken;
    return { text, startPos: told(word.startMs), endPos: told(word.endMs) };
  });
  return { stored, endPos: told(endPos), words, expected: joined(again.slice(whole.length)) };
}

describe('a sentence that was ended within a word, heard again in other spellings', () => {
  it('cut exactly in the middle of a word of which both characters are spelled otherwise, does not store it twice', () => {
    const words = [
      { text: '复请大', startPos: 0, endPos: 430 },
      { text: '天', startPos: 480, endPos: 730 },
      { text: '据库', startPos: 730, endPos: 1_070 },
    ];
    const stored = { text: '复请大天聚酷', endPos: 900 };
    expect(withoutOverlap('复请大天据库', words, stored, RATE_HZ)).toEqual({ text: '', left: null });
  });

  it('cut behind the middle of a word, by times that are rounded before it, does not store it twice', () => {
    const words = [
      { text: 'data', startPos: 24_100, endPos: 24_620 },
      { text: '复', startPos: 24_620, endPos: 24_870 },
      { text: 'plans', startPos: 25_210, endPos: 25_820 },
    ];
    const stored = { text: 'data付', endPos: 24_740 };
    expect(withoutOverlap('data复plans', words, stored, RATE_HZ)).toEqual({ text: 'plans', left: null });
  });

  it.each([1, 10])('goes on with the first word that is not stored; times in steps of %i ms', (stepMs) => {
    const wrong: object[] = [];
    for (let i = 0; i < 2_000; i++) {
      const { stored, endPos, words, expected } = cutSentence(new Random(`cut/${i}`), stepMs);
      const heard = joined(words.map(({ text }) => text));
      const { text } = withoutOverlap(heard, words, { text: stored, endPos }, RATE_HZ);
      if (text !== expected) wrong.push({ i, stored, endPos, heard, expected, text });
    }
    expect(wrong).toEqual([]);
  });
});
