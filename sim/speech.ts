import type { Random } from '../lib/random.ts';

export const RATE_HZ = 16_000;
const SAMPLES_PER_MS = RATE_HZ / 1000;

/** Something that is said. */
export interface SpokenWord {
  /** Spellings; a recogniser may use another one each time it hears the word. */
  spellings: readonly string[];
  startMs: number;
  endMs: number;
}

const HAN = '今天我们讨论发布计划和测试结果下周再看一遍性能数据库连接已经恢复请大家注意时间安排';
/** What a recogniser may write instead: characters that sound like it and are not said here. */
const SOUNDS_LIKE: Readonly<Record<string, string>> = {
  讨: '套',
  计: '记',
  试: '式',
  果: '裹',
  看: '砍',
  据: '聚',
  复: '付',
  请: '青',
  注: '驻',
  间: '见',
  恢: '灰',
  性: '姓',
  库: '酷',
  布: '步',
  周: '洲',
};
const LATIN = [
  'every',
  'everything',
  'class',
  'classes',
  'deadline',
  'review',
  'React',
  'plan',
  'plans',
  'data',
  'demo',
];
const NUMBERS: readonly (readonly string[])[] = [
  ['25', '二十五'],
  ['2026', '二零二六'],
  ['3005', '三千零五'],
  ['10', '十'],
];

/**
 * What one person says in `lengthMs`: phrases with pauses. `density` is the share of pauses that are too short to end a
 * sentence, 0 … 1.
 */
export function speak(random: Random, lengthMs: number, density: number): SpokenWord[] {
  const words: SpokenWord[] = [];
  let atMs = random.int(0, 1_500);
  while (atMs < lengthMs - 1_000) {
    for (let count = random.int(2, 12); count > 0 && atMs < lengthMs - 1_000; count--) {
      const spellings = wordOf(random);
      const chars = spellings[0]?.length ?? 1;
      const durationMs = Math.min(900, 160 + 90 * chars);
      words.push({ spellings, startMs: atMs, endMs: atMs + durationMs });
      atMs += durationMs + (random.chance(0.3) ? random.int(20, 60) : 0);
    }
    atMs += random.chance(density) ? random.int(180, 450) : random.int(1_100, 3_000);
    if (random.chance(0.02)) atMs += random.int(5_000, 40_000);
  }
  return words;
}

function wordOf(random: Random): readonly string[] {
  if (random.chance(0.2)) return [random.pick(LATIN)];
  if (random.chance(0.06)) return random.pick(NUMBERS);
  const start = random.int(0, HAN.length - 3);
  const word = HAN.slice(start, start + random.int(1, 3));
  const isUnclear = random.chance(0.15);
  const alike = [...word].map((char) => SOUNDS_LIKE[char] ?? char).join('');
  return isUnclear && alike !== word ? [word, alike] : [word];
}

/**
 * A loud sample holds a third of its own position (in 3-sample groups): which third, and 12 bits of the group's number. Three
 * in a row tell a position of up to 2^36 groups.
 */
const LOUD = 8_192;
const DIGIT_BITS = 12;
const DIGIT = 1 << DIGIT_BITS;

/** Positions of different people are apart by this much: 37 hours. Up to 90 people can be told apart. */
const SAMPLES_PER_SPEAKER = 2 ** 31;

/** The microphone's audio of one person from `fromMs` to `toMs`. */
export function audioOf(
  speaker: number,
  words: readonly SpokenWord[],
  fromMs: number,
  toMs: number,
): ArrayBuffer {
  const offset = speaker * SAMPLES_PER_SPEAKER;
  const from = fromMs * SAMPLES_PER_MS;
  const samples = new Int16Array((toMs - fromMs) * SAMPLES_PER_MS);
  for (let i = firstEndingAfter(words, fromMs); i < words.length; i++) {
    const { startMs, endMs } = words[i] as SpokenWord;
    if (startMs >= toMs) break;
    const begin = Math.max(startMs, fromMs) * SAMPLES_PER_MS;
    const end = Math.min(endMs, toMs) * SAMPLES_PER_MS;
    fillLoud(samples.subarray(begin - from, end - from), offset + begin);
  }
  return samples.buffer;
}

/** Loud audio of the positions from `pos` on: whole groups at once, since most of the simulator's work is this. */
function fillLoud(samples: Int16Array, pos: number): void {
  const end = samples.length;
  let i = 0;
  for (; i < end && (pos + i) % 3 !== 0; i++) samples[i] = loudAt(pos + i);
  while (i + 3 <= end) {
    const group = (pos + i) / 3;
    const low = group % DIGIT;
    const [, middle, high] = [0, 1, 2].map((third) => loudAt(pos + i + third)) as [number, number, number];
    // The two higher digits stay as they are until the lowest one begins anew.
    const until = Math.min(i + 3 * (DIGIT - low), end - ((end - i) % 3));
    for (let value = LOUD + low; i < until; i += 3, value++) {
      samples[i] = value;
      samples[i + 1] = middle;
      samples[i + 2] = high;
    }
  }
  for (; i < end; i++) samples[i] = loudAt(pos + i);
}

function loudAt(pos: number): number {
  const third = pos % 3;
  const group = (pos - third) / 3;
  const digit =
    third === 0
      ? group % DIGIT
      : third === 1
        ? Math.floor(group / DIGIT) % DIGIT
        : Math.floor(group / DIGIT / DIGIT) % DIGIT;
  return LOUD + third * DIGIT + digit;
}

/** Who spoke the sample at `index`, and when; undefined: it is quiet, or too near to an edge of loud audio to tell. */
export function spokenAt(samples: Int16Array, index: number): { speaker: number; ms: number } | undefined {
  const value = samples[index] as number;
  if (value < LOUD) return undefined;
  const first = index - ((value - LOUD) >> DIGIT_BITS);
  let group = 0;
  for (let third = 2; third >= 0; third--) {
    const digit = (samples[first + third] ?? 0) - LOUD - third * DIGIT;
    if (digit < 0 || digit >= DIGIT) return undefined;
    group = group * DIGIT + digit;
  }
  const pos = group * 3 + (index - first);
  return {
    speaker: Math.floor(pos / SAMPLES_PER_SPEAKER),
    ms: (pos % SAMPLES_PER_SPEAKER) / SAMPLES_PER_MS,
  };
}

/** Index of the first word that ends after `ms`. */
export function firstEndingAfter(words: readonly SpokenWord[], ms: number): number {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((words[middle] as SpokenWord).endMs > ms) high = middle;
    else low = middle + 1;
  }
  return low;
}

const NOT_COMPARED = /[\s\p{P}]/gu;

export interface TextFault {
  kind: 'lost' | 'doubled';
  text: string;
  atMs: number;
}

/**
 * Compares a text with what was said. Each word is there once, in order, in one of its spellings; words that touch a loss may
 * be missing. A sentence may end with the beginning of the word with which the next one begins: its end was forced.
 * @returns the first deviation
 */
export function compareText(
  sentences: readonly string[],
  words: readonly SpokenWord[],
  losses: readonly { startMs: number; endMs: number }[],
): TextFault | undefined {
  const text = plainText(sentences);
  const { rest } = text;
  const touchesLoss = (word: SpokenWord) =>
    losses.some(({ startMs, endMs }) => word.startMs < endMs + 1 && word.endMs > startMs - 1);
  let at = 0;
  let next = 0;
  while (next < words.length) {
    const word = words[next] as SpokenWord;
    if (touchesLoss(word)) {
      // Of the words in a loss any run may be missing: the longest match of what is left decides.
      const end = words.findIndex((one, i) => i > next && !touchesLoss(one));
      const following = end < 0 ? words.length : end;
      const until = words.findIndex((one, i) => i > following && touchesLoss(one));
      const behind = words.slice(following, Math.min(following + 4, until < 0 ? words.length : until));
      const optional = words.slice(next, following);
      at = endOfLongest(text, at, optional, behind);
      next = following;
      continue;
    }
    const from = behindFragment(text, at, word);
    const spelling = word.spellings.find((one) => rest.startsWith(one, from));
    if (spelling === undefined) return { kind: 'lost', text: word.spellings[0] ?? '', atMs: word.startMs };
    at = from + spelling.length;
    next += 1;
  }
  return at < rest.length
    ? { kind: 'doubled', text: rest.slice(at, at + 20), atMs: words.at(-1)?.endMs ?? 0 }
    : undefined;
}

interface PlainText {
  /** All sentences, without what is not compared. */
  rest: string;
  /** Where each sentence ends in it. */
  ends: readonly number[];
}

function plainText(sentences: readonly string[]): PlainText {
  let rest = '';
  const ends = sentences.map((text) => {
    rest += text.replace(NOT_COMPARED, '');
    return rest.length;
  });
  return { rest, ends };
}

/** The end of the sentence whose last letters, from `at` on, are only the beginning of `word`. */
function endOfFragment({ rest, ends }: PlainText, at: number, { spellings }: SpokenWord): number | undefined {
  const end = ends.find((one) => one > at);
  const isFragment = spellings.some((one) => one.startsWith(rest.slice(at, end)));
  return isFragment ? end : undefined;
}

/** Where `word` stands as a whole: at `at`, or behind its beginning with which the sentence before ends. */
function behindFragment(text: PlainText, at: number, word: SpokenWord): number {
  const { spellings } = word;
  const isWholeAt = (from: number) => spellings.some((one) => text.rest.startsWith(one, from));
  const end = isWholeAt(at) ? undefined : endOfFragment(text, at, word);
  return end !== undefined && isWholeAt(end) ? end : at;
}

/** The end of what follows `at` and is some of `optional`, in order, so that `following` comes next. */
function endOfLongest(
  text: PlainText,
  at: number,
  optional: readonly SpokenWord[],
  following: readonly SpokenWord[],
): number {
  const { rest } = text;
  let reachable = new Set([at]);
  for (const word of optional) {
    const more = new Set(reachable);
    for (const from of reachable) {
      const end = endOfFragment(text, from, word);
      if (end !== undefined) more.add(end);
      for (const spelling of word.spellings)
        for (const start of [from, end])
          if (start !== undefined && rest.startsWith(spelling, start)) more.add(start + spelling.length);
    }
    reachable = more;
  }
  const fits = [...reachable].filter((end) => {
    let from = end;
    for (const word of following) {
      from = behindFragment(text, from, word);
      const spelling = word.spellings.find((one) => rest.startsWith(one, from));
      if (spelling === undefined) return false;
      from += spelling.length;
    }
    return following.length > 0 || from === rest.length;
  });
  return fits.length > 0 ? Math.max(...fits) : at;
}
