/** How a recognised text differs from what was spoken. Counts are in characters. */
export interface TextDiff {
  lost: number;
  duplicated: number;
  reordered: number;
  /** For each recognised character the index of the spoken character that it matches; −1: none. */
  origin: Int32Array;
  differences: Difference[];
}

/** Consecutive characters that have no match on the other side. `at`: index in the characters of their own side. */
export interface Difference {
  kind: 'lost' | 'duplicated' | 'reordered';
  at: number;
  text: string;
}

interface Run {
  at: number;
  text: string;
}

/** Shorter runs occur in both texts by chance and do not count as reordered. */
const LEAST_MOVED_CHARS = 2;

/** The characters that are compared and counted: letters, digits and Chinese characters, without punctuation and spaces. */
export const charsOf = (text: string): string[] => text.match(/[\p{L}\p{N}]/gu) ?? [];

/**
 * Compares recognised characters with the spoken ones. Characters of the longest common subsequence match. Of the others, a
 * run that is missing in one place and present in another counts as reordered; a run that is only missing as lost; a run that
 * is only present as duplicated.
 */
export function diffTexts(spoken: readonly string[], recognised: readonly string[]): TextDiff {
  const origin = originOf(spoken, recognised);
  const found = new Uint8Array(spoken.length);
  for (const from of origin) if (from >= 0) found[from] = 1;
  const missing = runsWhere(spoken, (i) => !found[i]);
  const extra = runsWhere(recognised, (i) => (origin[i] as number) < 0);
  const moved = takeMoved(missing, extra);
  const count = (runs: readonly Run[]): number => runs.reduce((sum, { text }) => sum + [...text].length, 0);
  return {
    lost: count(missing),
    duplicated: count(extra),
    reordered: count(moved),
    origin,
    differences: [
      ...missing.map((run) => ({ kind: 'lost' as const, ...run })),
      ...extra.map((run) => ({ kind: 'duplicated' as const, ...run })),
      ...moved.map((run) => ({ kind: 'reordered' as const, ...run })),
    ],
  };
}

/** Longest common subsequence by dynamic programming, after removing the common prefix and suffix. */
function originOf(spoken: readonly string[], recognised: readonly string[]): Int32Array {
  const origin = new Int32Array(recognised.length).fill(-1);
  let head = 0;
  while (head < spoken.length && head < recognised.length && spoken[head] === recognised[head]) {
    origin[head] = head;
    head++;
  }
  let tail = 0;
  while (
    tail < spoken.length - head &&
    tail < recognised.length - head &&
    spoken[spoken.length - 1 - tail] === recognised[recognised.length - 1 - tail]
  ) {
    origin[recognised.length - 1 - tail] = spoken.length - 1 - tail;
    tail++;
  }
  const rows = spoken.length - head - tail;
  const columns = recognised.length - head - tail;
  const width = columns + 1;
  const best = new Uint32Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i--)
    for (let j = columns - 1; j >= 0; j--)
      best[i * width + j] =
        spoken[head + i] === recognised[head + j]
          ? (best[(i + 1) * width + j + 1] as number) + 1
          : Math.max(best[(i + 1) * width + j] as number, best[i * width + j + 1] as number);
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    if (spoken[head + i] === recognised[head + j]) origin[head + j++] = head + i++;
    else if ((best[(i + 1) * width + j] as number) >= (best[i * width + j + 1] as number)) i++;
    else j++;
  }
  return origin;
}

function runsWhere(chars: readonly string[], wanted: (i: number) => boolean): Run[] {
  const runs: Run[] = [];
  for (let i = 0; i < chars.length; i++) {
    if (!wanted(i)) continue;
    const last = runs.at(-1);
    if (last && last.at + [...last.text].length === i) last.text += chars[i];
    else runs.push({ at: i, text: chars[i] as string });
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
        const common = longestCommon([...lost.text], [...found.text]);
        if (common.length > (best?.length ?? LEAST_MOVED_CHARS - 1)) best = { lost, found, ...common };
      }
    if (!best) return moved;
    moved.push({
      at: best.lost.at + best.from,
      text: [...best.lost.text].slice(best.from, best.from + best.length).join(''),
    });
    cutOut(missing, best.lost, best.from, best.length);
    cutOut(extra, best.found, best.to, best.length);
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
  const chars = [...run.text];
  const rest: Run[] = [
    { at: run.at, text: chars.slice(0, from).join('') },
    { at: run.at + from + length, text: chars.slice(from + length).join('') },
  ];
  runs.splice(runs.indexOf(run), 1, ...rest.filter(({ text }) => text !== ''));
}
