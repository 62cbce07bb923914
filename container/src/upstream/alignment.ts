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
 * How alike `known` and the beginnings of `heard` are spelled, in characters. A number in digits is compared as it may be read in
 * Chinese, as a quantity (25, 二十五) or digit by digit (2026, 二零二六): each number in the way that fits it.
 */
export function prefixDistances(known: readonly Token[], heard: readonly Token[]): PrefixDistances {
  const [a, b] = [readingsOf(known), readingsOf(heard)];
  const rows: number[][] = [];
  for (const intoA of a.into) {
    const row: number[] = [];
    for (const intoB of b.into) row.push(lowestAt(rows, intoA, row, intoB));
    rows.push(row);
  }
  const last = rows.at(-1) as number[];
  return {
    upTo: b.ends.map((end) => last[end] as number),
    within: a.ends.map((end) => (rows[end] as number[]).at(-1) as number),
    knownChars: a.chars,
    heardChars: b.chars,
  };
}

/** The edit distance at a pair of nodes, from those before it; 0 where both texts begin. */
function lowestAt(
  rows: readonly (readonly number[])[],
  intoA: readonly Step[],
  row: readonly number[],
  intoB: readonly Step[],
): number {
  const distances: number[] = intoB.map(({ from }) => (row[from] as number) + 1);
  for (const { from, char } of intoA) {
    const above = rows[from] as readonly number[];
    distances.push((above[row.length] as number) + 1);
    for (const other of intoB) distances.push((above[other.from] as number) + (char === other.char ? 0 : 1));
  }
  return distances.length > 0 ? Math.min(...distances) : 0;
}

/** One character more of a reading. */
interface Step {
  /** The node before it. */
  from: number;
  char: string;
}

/** All readings of a text: a graph in which each path from node 0 to the last one spells one of them. */
interface Readings {
  /** By node: the steps that lead to it, all from nodes before it. */
  into: Step[][];
  /** The node up to which the first i tokens are read, by i. */
  ends: number[];
  /** Length of the shortest reading. */
  chars: number;
}

function readingsOf(tokens: readonly Token[]): Readings {
  const into: Step[][] = [[]];
  let chars = 0;
  const read = (alternatives: readonly string[]): void => {
    const before = into.length - 1;
    const last = alternatives.map((text): Step => {
      let from = before;
      const spelled = [...text];
      for (const char of spelled.slice(0, -1)) from = into.push([{ from, char }]) - 1;
      return { from, char: spelled.at(-1) ?? '' };
    });
    into.push(last);
    chars += Math.min(...alternatives.map((text) => [...text].length));
  };
  const ends = [0];
  for (const token of tokens) {
    for (const [piece] of token.chars.matchAll(/\d+|\D/gu))
      if (/^\d/.test(piece)) read([...new Set([readQuantity(piece), readDigits(piece)])]);
      else read([piece === '.' ? '点' : piece]);
    ends.push(into.length - 1);
  }
  return { into, ends, chars };
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
