/**
 * What the chaos run counts. A word of another script than Chinese counts whole: with a letter missing it is another word. Chinese
 * counts by characters, and so do numbers, read in Chinese: `10` and `十` are the same.
 */

const HAN = String.raw`\p{Script=Han}`;
const NUMERALS = '零一二三四五六七八九十';
/** Digits, a Chinese character, or letters; apostrophes and hyphens join a word. */
const WORD = new RegExp(String.raw`\p{Nd}+|${HAN}|(?:(?!${HAN})\p{L})+(?:['’-](?:(?!${HAN})\p{L})+)*`, 'gu');
/** The same, but Chinese numerals that follow each other are one. */
const GROUP = new RegExp(`[${NUMERALS}]+|${WORD.source}`, 'gu');

/** Numbers of so many digits or more are read digit by digit: 2026 is 二零二六. */
const DIGIT_BY_DIGIT_FROM = 3;

/** The words of a text, without punctuation, in lower case. */
export const wordsOf = (text: string): string[] =>
  (text.match(WORD) ?? []).flatMap((word) => (/^\p{Nd}/u.test(word) ? numerals(word) : word.toLowerCase()));

function numerals(digits: string): string[] {
  const read = [...digits].map((digit) => NUMERALS[Number(digit)] as string);
  const [tens, ones] = read;
  if (digits.length !== DIGIT_BY_DIGIT_FROM - 1 || digits.startsWith('0')) return read;
  return [...(tens === '一' ? '' : (tens as string)), '十', ...(ones === '零' ? '' : (ones as string))];
}

/**
 * How many words at the end of `text` are only the beginning of the word or number with which the next sentence begins. A
 * forced end within a word leaves it: the word stays whole behind it.
 */
export function fragmentWords(text: string, next: string): number {
  const [last, first] = [text.match(GROUP)?.at(-1), next.match(GROUP)?.[0]];
  if (!last || !first) return 0;
  const isNumber = /^\p{Nd}/u.test(first) && new RegExp(`^[${NUMERALS}\\p{Nd}]`, 'u').test(last);
  const isWord = [last, first].every((word) => !new RegExp(`^(?:${HAN}|\\p{Nd})`, 'u').test(word));
  if (!isNumber && !isWord) return 0;
  const [part, whole] = [wordsOf(last), wordsOf(first)];
  const begins = whole.join('').startsWith(part.join('')) && part.join('') !== whole.join('');
  return begins ? part.length : 0;
}
