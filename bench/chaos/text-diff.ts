import { fragmentWords, wordsOf } from './words.ts';

/** How a recognised text differs from what was spoken. Counts are in words, see words.ts. */
export interface TextDiff {
  lost: number;
  duplicated: number;
  reordered: number;
  /** Beginnings of words at forced sentence ends, before the whole word: not duplicated. */
  fragments: number;
  /** For each recognised word the index of the spoken word that it matches; −1: none. */
  origin: Int32Array;
  differences: Difference[];
}

/** Consecutive words that have no match on the other side. `at`: index in the words of their own side. */
export interface Difference {
  kind: 'lost' | 'duplicated' | 'reordered';
  at: number;
  words: readonly string[];
}

interface Run {
  at: number;
  words: string[];
}

/** Shorter runs occur in both texts by chance and do not count as reordered. */
const LEAST_MOVED_WORDS = 2;

/**
 * Compares recognised sentences with what was spoken. Words of the longest common subsequence match. Of the others, a run that is
 * missing in one place and present in another counts as reordered; a run that is only missing as lost; a run that is only
 * present as duplicated, except the beginning of a word that the next sentence has whole.
 * @param optional indexes of spoken words that may be missing, or be other ones: at a declared loss of audio
 */
export function diffTexts(
  spoken: readonly string[],
  sentences: readonly string[],
  optional: ReadonlySet<number> = new Set(),
): TextDiff {
  const recognised = sentences.flatMap(wordsOf);
  const fragment = fragmentsIn(sentences);
  const kept = recognised.flatMap((_, i) => (fragment.has(i) ? [] : i));
  const matched = originOf(
    spoken,
    kept.map((i) => recognised[i] as string),
    optional,
  );
  const origin = new Int32Array(recognised.length).fill(-1);
  for (const [i, from] of matched.entries()) origin[kept[i] as number] = from;
  const found = new Set(matched);
  const missing = runsWhere(spoken, (i) => !found.has(i) && !optional.has(i));
  const extra = runsWhere(
    recognised,
    (i) => (origin[i] as number) < 0 && !fragment.has(i) && !isAtOptional(origin, i, optional, spoken.length),
  );
  const moved = takeMoved(missing, extra);
  const count = (runs: readonly Run[]): number => runs.reduce((sum, { words }) => sum + words.length, 0);
  return {
    lost: count(missing),
    duplicated: count(extra),
    reordered: count(moved),
    fragments: fragment.size,
    origin,
    differences: [
      ...missing.map((run) => ({ kind: 'lost' as const, ...run })),
      ...extra.map((run) => ({ kind: 'duplicated' as const, ...run })),
      ...moved.map((run) => ({ kind: 'reordered' as const, ...run })),
    ],
  };
}

/** Whether a recognised word without a match lies where spoken words are optional: between its matched neighbours, or next to them. */
function isAtOptional(
  origin: Int32Array,
  at: number,
  optional: ReadonlySet<number>,
  spokenCount: number,
): boolean {
  if (optional.size === 0) return false;
  let [before, after] = [at - 1, at + 1];
  while (before >= 0 && (origin[before] as number) < 0) before--;
  while (after < origin.length && (origin[after] as number) < 0) after++;
  const from = before < 0 ? 0 : (origin[before] as number);
  const to = after >= origin.length ? spokenCount - 1 : (origin[after] as number);
  for (let i = from; i <= to; i++) if (optional.has(i)) return true;
  return false;
}

/** The recognised words, by index, that are only beginnings of the words that follow them. */
function fragmentsIn(sentences: readonly string[]): Set<number> {
  const found = new Set<number>();
  let end = 0;
  for (const [i, text] of sentences.entries()) {
    end += wordsOf(text).length;
    const count = fragmentWords(text, sentences[i + 1] ?? '');
    for (let at = end - count; at < end; at++) found.add(at);
  }
  return found;
}

/** A match of a required word counts as much as this many matches of optional ones. */
const REQUIRED_WEIGHT = 1_000;

/**
 * The common subsequence with the most required, then the most optional words, by dynamic programming.
 * @returns for each recognised word the index of the spoken one; −1: none
 */
function originOf(
  spoken: readonly string[],
  recognised: readonly string[],
  optional: ReadonlySet<number>,
): Int32Array {
  const origin = new Int32Array(recognised.length).fill(-1);
  const [head, tail] = optional.size === 0 ? commonEnds(spoken, recognised) : [0, 0];
  for (let i = 0; i < head; i++) origin[i] = i;
  for (let i = 1; i <= tail; i++) origin[recognised.length - i] = spoken.length - i;
  const rows = spoken.length - head - tail;
  const columns = recognised.length - head - tail;
  const width = columns + 1;
  const best = new Uint32Array((rows + 1) * width);
  const at = (i: number, j: number): number => best[i * width + j] as number;
  const matched = (i: number, j: number): number =>
    spoken[head + i] === recognised[head + j]
      ? at(i + 1, j + 1) + (optional.has(head + i) ? 1 : REQUIRED_WEIGHT)
      : 0;
  for (let i = rows - 1; i >= 0; i--)
    for (let j = columns - 1; j >= 0; j--)
      best[i * width + j] = Math.max(matched(i, j), at(i + 1, j), at(i, j + 1));
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    if (matched(i, j) === at(i, j) && at(i, j) > 0) origin[head + j++] = head + i++;
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return origin;
}

/** Lengths of the common prefix and of the common suffix behind it. */
function commonEnds(a: readonly string[], b: readonly string[]): [number, number] {
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < most - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  return [head, tail];
}

function runsWhere(words: readonly string[], wanted: (i: number) => boolean): Run[] {
  const runs: Run[] = [];
  for (const [i, word] of words.entries()) {
    if (!wanted(i)) continue;
    const last = runs.at(-1);
    if (last && last.at + last.words.length === i) last.words.push(word);
    else runs.push({ at: i, words: [word] });
  }
  return runs;
}

/** Removes from both lists the runs that occur in both, longest first. @returns the removed runs */
function takeMoved(missing: Run[], extra: Run[]): Run[] {
  const moved: Run[] = [];
  for (;;) {
    let best: { lost: Run; found: Run; from: number; to: number; length: number } | undefined;
    for (const lost of missing)
      for (const found of extra) {
        const common = longestCommon(lost.words, found.words);
        if (common.length > (best?.length ?? LEAST_MOVED_WORDS - 1)) best = { lost, found, ...common };
      }
    if (!best) return moved;
    const { lost, found, from, to, length } = best;
    moved.push({ at: lost.at + from, words: lost.words.slice(from, from + length) });
    cutOut(missing, lost, from, length);
    cutOut(extra, found, to, length);
  }
}

function longestCommon(
  a: readonly string[],
  b: readonly string[],
): { from: number; to: number; length: number } {
  let best = { from: 0, to: 0, length: 0 };
  for (let from = 0; from < a.length; from++)
    for (let to = 0; to < b.length; to++) {
      let length = 0;
      while (from + length < a.length && to + length < b.length && a[from + length] === b[to + length])
        length++;
      if (length > best.length) best = { from, to, length };
    }
  return best;
}

function cutOut(runs: Run[], run: Run, from: number, length: number): void {
  const rest: Run[] = [
    { at: run.at, words: run.words.slice(0, from) },
    { at: run.at + from + length, words: run.words.slice(from + length) },
  ];
  runs.splice(runs.indexOf(run), 1, ...rest.filter(({ words }) => words.length > 0));
}
