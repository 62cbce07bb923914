import { msToSamples } from '../../../contract/limits.ts';
import { CHECKPOINT_RULES } from './rules.ts';

export interface PlacedWord {
  text: string;
  startPos: number;
  endPos: number;
}

/** A sentence in positions of the session (samples). */
export interface PlacedSentence {
  text: string;
  startPos: number;
  endPos: number;
  words: PlacedWord[];
}

/** Text that is stored although its audio will be heard again: what follows the last pause before a forced final. */
export interface Overlap {
  text: string;
  /** Up to here the stored text reaches, samples. */
  endPos: number;
}

const WORD_CHAR = /[\p{L}\p{N}]/u;

const middleOf = (word: PlacedWord): number => (word.startPos + word.endPos) / 2;

/** The part of `sentence` behind `pausePos`, as overlap; null where there is none. */
export function overlapBehind(sentence: PlacedSentence, pausePos: number): Overlap | null {
  const text = sentence.words
    .filter((word) => middleOf(word) >= pausePos)
    .map((word) => word.text)
    .join('');
  return text ? { text, endPos: sentence.endPos } : null;
}

/** `known` followed by `sentence`: no pause lay between them. */
export const extendOverlap = (known: Overlap, sentence: PlacedSentence): Overlap => ({
  text: known.text + sentence.text,
  endPos: sentence.endPos,
});

/**
 * Takes what is stored already off the front of the sentences of one upstream stream, which begins at a checkpoint and
 * so hears the overlap again.
 */
export class OverlapTrimmer {
  private overlap: Overlap | null;
  private readonly rateHz: number;

  constructor(overlap: Overlap | null, rateHz: number) {
    this.overlap = overlap;
    this.rateHz = rateHz;
  }

  /** Whether a part of the stored text has not been heard again yet. */
  get pending(): boolean {
    return this.overlap !== null;
  }

  /**
   * @param final whether the sentence is finished: only then the overlap is used up
   * @returns the sentence without what is stored already; its text may be empty
   */
  trim(sentence: PlacedSentence, final: boolean): PlacedSentence {
    const known = this.overlap;
    if (!known) return sentence;
    const marginSamples = msToSamples(CHECKPOINT_RULES.behindOverlapMs, this.rateHz);
    if (sentence.startPos >= known.endPos + marginSamples) {
      if (final) this.overlap = null;
      return sentence;
    }
    const { text, left } = withoutOverlap(sentence.text, sentence.words, known);
    if (final) this.overlap = left;
    const words = lastWords(sentence.words, text);
    // A pause may lie between the known words and the new ones.
    const begins = Math.max(words[0]?.startPos ?? sentence.startPos, known.endPos);
    const startPos = Math.min(begins, sentence.endPos);
    return { text, startPos, endPos: Math.max(sentence.endPos, startPos), words };
  }
}

/**
 * First by spelling, which is exact; where the recogniser now spells it differently, by word times.
 * @returns what is new, and what of the overlap is still to come in a later sentence
 */
export function withoutOverlap(
  text: string,
  words: readonly PlacedWord[],
  overlap: Overlap,
): { text: string; left: Overlap | null } {
  const spelled = spelledPrefix(text, overlap.text);
  if (spelled) {
    return {
      text: dropLeadingPunctuation(text.slice(spelled.used)),
      left: spelled.knownLeft ? { text: spelled.knownLeft, endPos: overlap.endPos } : null,
    };
  }
  if (words.length === 0) return { text, left: null };
  const firstNew = words.findIndex((word) => middleOf(word) >= overlap.endPos);
  if (firstNew < 0) return { text: '', left: overlap };
  let from = 0;
  for (const word of words.slice(0, firstNew)) {
    const at = text.indexOf(word.text, from);
    if (at >= 0) from = at + word.text.length;
  }
  return { text: dropLeadingPunctuation(text.slice(from)), left: null };
}

/** The prefix of `text` that spells `known`, ignoring punctuation, spaces and case; undefined where they differ. */
function spelledPrefix(text: string, known: string): { used: number; knownLeft: string } | undefined {
  const wanted = Array.from(known).filter((char) => WORD_CHAR.test(char));
  let used = 0;
  let next = 0;
  for (const char of text) {
    if (next >= wanted.length) break;
    if (WORD_CHAR.test(char)) {
      if (char.toLowerCase() !== wanted[next]?.toLowerCase()) return undefined;
      next += 1;
    }
    used += char.length;
  }
  return { used, knownLeft: wanted.slice(next).join('') };
}

const dropLeadingPunctuation = (text: string): string => text.replace(/^[\s\p{P}]+/u, '');

const wordChars = (text: string): number => (text.match(/[\p{L}\p{N}]/gu) ?? []).length;

/** The last words, as many as `text` spells. */
function lastWords(words: readonly PlacedWord[], text: string): PlacedWord[] {
  let chars = wordChars(text);
  let from = words.length;
  while (from > 0) {
    chars -= wordChars((words[from - 1] as PlacedWord).text);
    if (chars < 0) break;
    from -= 1;
  }
  return words.slice(from);
}
