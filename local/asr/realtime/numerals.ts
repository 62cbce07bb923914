import type { RecognitionUpdate, Segment, Word } from '../recogniser.ts';

const DIGITS = '零一二三四五六七八九';
const TENS = '十';

const isNumeral = ({ text }: Word): boolean => text === TENS || (text.length === 1 && DIGITS.includes(text));

/**
 * The digits of a number in Chinese characters: below 100 as a quantity (三十 → 30), or digit by digit (二零二六 → 2026).
 * Null where it is none: a single 一 is mostly a part of a word (一起).
 */
export function digitsOf(numerals: string): string | null {
  const quantity = /^([一二三四五六七八九]?)十([一二三四五六七八九]?)$/.exec(numerals);
  if (quantity) {
    const [, tens = '', ones = ''] = quantity;
    return `${tens ? DIGITS.indexOf(tens) : 1}${ones ? DIGITS.indexOf(ones) : 0}`;
  }
  if (numerals.length < 2 || numerals.includes(TENS)) return null;
  return [...numerals].map((numeral) => DIGITS.indexOf(numeral)).join('');
}

/**
 * An update with its numbers in digits, each number one word (`convert_num_mode`). A number at the end of an interim text may
 * go on, and is left out.
 */
export const numbersInDigits = (update: RecognitionUpdate): RecognitionUpdate => ({
  ...update,
  finals: update.finals.map((segment) => withWords(segment, inDigits(segment.words))),
  interim: update.interim && interimInDigits(update.interim),
});

function interimInDigits(interim: Segment): Segment | null {
  let end = interim.words.length;
  while (end > 0 && isNumeral(interim.words[end - 1] as Word)) end--;
  return end === 0 ? null : withWords(interim, inDigits(interim.words.slice(0, end)));
}

const withWords = (segment: Segment, words: Word[]): Segment => ({
  ...segment,
  words,
  text: words.map(({ text }) => text).join(''),
});

function inDigits(words: readonly Word[]): Word[] {
  const spelled: Word[] = [];
  for (let from = 0; from < words.length; ) {
    let to = from;
    while (to < words.length && isNumeral(words[to] as Word)) to++;
    const run = words.slice(from, Math.max(to, from + 1));
    const text = to > from ? digitsOf(run.map((word) => word.text).join('')) : null;
    const [first, last] = [run[0] as Word, run.at(-1) as Word];
    if (text === null) spelled.push(...run);
    else spelled.push({ text, startMs: first.startMs, endMs: last.endMs });
    from += run.length;
  }
  return spelled;
}
