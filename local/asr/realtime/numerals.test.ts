import { expect, test } from 'vitest';
import type { Segment } from '../recogniser.ts';
import { digitsOf, numbersInDigits } from './numerals.ts';

const segment = (text: string): Segment => ({
  text,
  startMs: 0,
  endMs: 100 * text.length,
  words: [...text].map((char, i) => ({ text: char, startMs: 100 * i, endMs: 100 * (i + 1) })),
});
const inDigits = (finals: string[], interim: string | null = null) =>
  numbersInDigits({
    finals: finals.map(segment),
    interim: interim === null ? null : segment(interim),
    speechStartMs: 0,
    processedMs: 0,
    last: false,
  });

test.each([
  ['十', '10'],
  ['十二', '12'],
  ['三十', '30'],
  ['二零二六', '2026'],
  ['一', null],
  ['十零', null],
])('%s is %s in digits', (numerals, digits) => {
  expect(digitsOf(numerals)).toBe(digits);
});

test('a number in digits is one word with the times of its characters; a single 一 stays', () => {
  const { finals } = inDigits(['周一上午十二点']);
  expect(finals[0]?.text).toBe('周一上午12点');
  expect(finals[0]?.words[4]).toEqual({ text: '12', startMs: 400, endMs: 600 });
});

test('a number at the end of an interim text is left out, since it may go on', () => {
  expect(inDigits([], '版本二零').interim?.text).toBe('版本');
  expect(inDigits([], '版本二零二六年').interim?.text).toBe('版本2026年');
  expect(inDigits([], '二零').interim).toBeNull();
});
