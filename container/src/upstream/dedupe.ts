/** Text that is stored already although its audio comes again: what a forced final cut in mid-speech. */
export interface Overlap {
  text: string;
  /** Up to here the stored text reaches. */
  endPos: number;
}

interface PlacedWord {
  text: string;
  startPos: number;
  endPos: number;
}

const WORD_CHAR = /[\p{L}\p{N}]/u;

/** Length of the prefix of `text` that spells `known`, punctuation and spaces apart; undefined where they differ. */
function spelledBy(text: string, known: string): { used: number; knownLeft: string } | undefined {
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

/** Punctuation that would now begin the sentence. */
const dropLeading = (text: string): string => text.replace(/^[\s\p{P}]+/u, '');

/**
 * Takes what is stored already off the front of a sentence that was heard again. First by its text, which is exact;
 * where the recogniser now spells it otherwise, by word times.
 * @returns what is new, and what of the overlap is still to come in a later sentence
 */
export function withoutOverlap(
  text: string,
  words: readonly PlacedWord[],
  overlap: Overlap,
): { text: string; left: Overlap | null } {
  const spelled = spelledBy(text, overlap.text);
  if (spelled) {
    return {
      text: dropLeading(text.slice(spelled.used)),
      left: spelled.knownLeft ? { text: spelled.knownLeft, endPos: overlap.endPos } : null,
    };
  }
  const fresh = words.findIndex((word) => (word.startPos + word.endPos) / 2 >= overlap.endPos);
  if (words.length === 0) return { text, left: null };
  if (fresh < 0) return { text: '', left: overlap };
  let from = 0;
  for (const word of words.slice(0, fresh)) {
    const at = text.indexOf(word.text, from);
    if (at >= 0) from = at + word.text.length;
  }
  return { text: dropLeading(text.slice(from)), left: null };
}
