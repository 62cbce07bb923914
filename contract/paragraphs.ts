/** A sentence as far as paragraphs are concerned. */
export interface Spoken {
  text: string;
  startMs: number;
  endMs: number;
}

/** A pause that always begins a new paragraph. Recognisers end a sentence after about a second. */
const LONG_PAUSE_MS = 2_500;
/** A paragraph of so many characters ends at the next pause of this length … */
const ENOUGH_CHARS = 120;
const SHORT_PAUSE_MS = 700;
/** … and before it becomes longer than this. */
const MAX_CHARS = 300;

/**
 * Joins sentences into paragraphs, by pauses and length; sentences are never cut.
 * @param items in the order of the audio
 * @param spokenOf null: no sentence (audio that is missing), a paragraph of its own
 */
export function paragraphsOf<T>(items: readonly T[], spokenOf: (item: T) => Spoken | null): T[][] {
  const paragraphs: T[][] = [];
  let last: { chars: number; endMs: number } | null = null;
  for (const item of items) {
    const spoken = spokenOf(item);
    const goesOn: boolean = spoken !== null && last !== null && isSameParagraph(last, spoken);
    if (goesOn) paragraphs[paragraphs.length - 1]?.push(item);
    else paragraphs.push([item]);
    last = spoken && { chars: (goesOn && last ? last.chars : 0) + spoken.text.length, endMs: spoken.endMs };
  }
  return paragraphs;
}

function isSameParagraph(before: { chars: number; endMs: number }, next: Spoken): boolean {
  const pauseMs = next.startMs - before.endMs;
  if (pauseMs >= LONG_PAUSE_MS) return false;
  if (before.chars >= ENOUGH_CHARS && pauseMs >= SHORT_PAUSE_MS) return false;
  return before.chars + next.text.length <= MAX_CHARS;
}

/** What stands between two sentences of a paragraph: a space behind Latin text, nothing behind Chinese. */
export const betweenSentences = (before: string, next: string): string =>
  /[!-~]$/.test(before) && !/^\s|^$/.test(next) ? ' ' : '';

/** The text of a paragraph. */
export const joinSentences = (texts: readonly string[]): string =>
  texts.reduce((joined, text) => joined + betweenSentences(joined, text) + text, '');
