/** A word (Latin and other scripts that separate words), a number, or a single Chinese or Japanese character. */
export interface Token {
  /** In the text, UTF-16 units. */
  start: number;
  end: number;
  /** As compared: lower case, no punctuation, numbers as they stand. */
  chars: string;
  /** Not a Chinese or Japanese character. */
  isWord: boolean;
}

// The flag `v` (set subtraction) is not in the compile target's literals.
const HAN = '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}]';
const OTHER = `[[\\p{L}\\p{N}\\p{M}]--${HAN}]`;
/** Apostrophes and hyphens join a word; a point or comma joins a number. */
const TOKEN = new RegExp(`${HAN}|${OTHER}+(?:(?:['’\\-]|(?<=\\d)[.,](?=\\d))${OTHER}+)*`, 'gv');
const IS_HAN = new RegExp(`^${HAN}$`, 'v');
const NOT_COMPARED = /[^\p{L}\p{N}\p{M}.]/gu;

const SAME_CHARACTER: Readonly<Record<string, string>> = { 两: '二', 〇: '零', 幺: '一' };

/** Splits a text into what may be told apart: words are never cut, and Chinese is cut between any two characters. */
export const tokensOf = (text: string): Token[] =>
  Array.from(text.matchAll(TOKEN), ({ index, 0: found }) => {
    const plain = found.normalize('NFKC').toLowerCase().replace(NOT_COMPARED, '');
    return {
      start: index,
      end: index + found.length,
      chars: SAME_CHARACTER[plain] ?? plain,
      isWord: !IS_HAN.test(found),
    };
  });

export interface PrefixDistances {
  /** Edit distance between all of `known` and the first j tokens of `heard`, by j. */
  upTo: number[];
  /** Edit distance between the first i tokens of `known` and all of `heard`, by i. */
  within: number[];
  /** Characters of `known` and of `heard`, as compared. */
  knownChars: number;
  heardChars: number;
}

/**
 * How alike `known` and the beginnings of `heard` are spelled, in characters. Numbers in digits are compared as they are read
 * in Chinese: as a quantity (25, 二十五) or digit by digit (2026, 二零二六), whichever is closer.
 */
export function prefixDistances(known: readonly Token[], heard: readonly Token[]): PrefixDistances {
  const asQuantity = distancesRead(known, heard, readQuantity);
  const byDigit = distancesRead(known, heard, readDigits);
  return Math.min(...byDigit.upTo) < Math.min(...asQuantity.upTo) ? byDigit : asQuantity;
}

function distancesRead(
  known: readonly Token[],
  heard: readonly Token[],
  read: (digits: string) => string,
): PrefixDistances {
  const [a, knownEnds] = spelled(known, read);
  const [b, heardEnds] = spelled(heard, read);
  const within: number[] = [b.length];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  let nextEnd = 0;
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replace, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    for (; knownEnds[nextEnd] === i; nextEnd++) within.push(row[b.length] as number);
  }
  return {
    upTo: [row[0] as number, ...heardEnds.map((end) => row[end] as number)],
    within,
    knownChars: a.length,
    heardChars: b.length,
  };
}

/** @returns the characters to compare, and how many of them there are up to each token's end */
function spelled(tokens: readonly Token[], read: (digits: string) => string): [string[], number[]] {
  const chars: string[] = [];
  const ends: number[] = [];
  for (const token of tokens) {
    chars.push(...token.chars.replace(/\d+/g, read).replaceAll('.', '点'));
    ends.push(chars.length);
  }
  return [chars, ends];
}

const DIGITS = '零一二三四五六七八九';
const UNITS = ['', '十', '百', '千'];
const SECTIONS = ['', '万', '亿'];

const readDigits = (digits: string): string =>
  digits.replace(/\d/g, (digit) => DIGITS[Number(digit)] as string);

/** 25 → 二十五, 3005 → 三千零五, 10 → 十. Longer than twelve digits, or with leading zeros: digit by digit. */
function readQuantity(digits: string): string {
  if (digits.length > 12 || (digits.startsWith('0') && digits.length > 1)) return readDigits(digits);
  if (digits === '0') return '零';
  const sections = digits.match(/\d{1,4}(?=(\d{4})*$)/g) ?? [];
  const text = sections
    .map((section, i) => {
      const read = readSection(section);
      return read ? read + SECTIONS[sections.length - 1 - i] : '';
    })
    .join('');
  return text.startsWith('一十') ? text.slice(1) : text;
}

/** Up to four digits; '' for 0. Zeros inside are read once, zeros at the end not at all. */
function readSection(section: string): string {
  let text = '';
  let zero = false;
  for (const [i, digit] of Array.from(section).entries()) {
    if (digit === '0') zero = true;
    else {
      text += `${zero ? '零' : ''}${DIGITS[Number(digit)]}${UNITS[section.length - 1 - i]}`;
      zero = false;
    }
  }
  return text;
}
