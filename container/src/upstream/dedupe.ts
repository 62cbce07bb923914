import { msToSamples } from '../../../contract/limits.ts';
import type { PositionedWord } from '../../../contract/records.ts';
import { type PrefixDistances, prefixDistances, type Token, tokensOf } from './alignment.ts';
import { CHECKPOINT_RULES, DEDUPE_RULES } from './rules.ts';

/** A sentence in positions of the session (samples). */
export interface PositionedSentence {
  text: string;
  startPos: number;
  endPos: number;
  words: PositionedWord[];
}

/** Text that is stored although its audio will be heard again: what follows the last pause before a forced final. */
export interface Overlap {
  text: string;
  /** Up to here the stored text reaches, samples. */
  endPos: number;
}

const middleOf = (word: PositionedWord): number => (word.startPos + word.endPos) / 2;

/** The part of `sentence` behind `pausePos`, as overlap; null where there is none. */
export function overlapAfter(sentence: PositionedSentence, pausePos: number): Overlap | null {
  const text = textOf(
    sentence,
    sentence.words.filter((word) => middleOf(word) >= pausePos),
  );
  return text ? { text, endPos: sentence.endPos } : null;
}

/** How the sentence spells its last words, with the spaces between them; the words alone where it spells them otherwise. */
function textOf({ text }: PositionedSentence, last: readonly PositionedWord[]): string {
  let from = text.length;
  for (const word of [...last].reverse()) {
    const at = text.lastIndexOf(word.text, from - word.text.length);
    if (at < 0 || at > from - word.text.length) return last.map(({ text: spelled }) => spelled).join('');
    from = at;
  }
  return text.slice(from);
}

/** `known` followed by `sentence`: no pause lay between them. */
export const extendOverlap = (known: Overlap, sentence: PositionedSentence): Overlap => ({
  text: `${known.text} ${sentence.text}`,
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
  trim(sentence: PositionedSentence, final: boolean): PositionedSentence {
    const known = this.overlap;
    if (!known) return sentence;
    const marginSamples = msToSamples(CHECKPOINT_RULES.afterOverlapMs, this.rateHz);
    if (sentence.startPos >= known.endPos + marginSamples) {
      if (final) this.overlap = null;
      return sentence;
    }
    const { text, left } = withoutOverlap(sentence.text, sentence.words, known, this.rateHz);
    if (final) this.overlap = left;
    const words = lastWords(sentence.words, text);
    // A pause may lie between the known words and the new ones.
    const begins = Math.max(words[0]?.startPos ?? sentence.startPos, known.endPos);
    const startPos = Math.min(begins, sentence.endPos);
    return { text, startPos, endPos: Math.max(sentence.endPos, startPos), words };
  }
}

/**
 * Takes `overlap` off the front of `text`, on word boundaries (in Chinese: between characters). The boundary is the one up to
 * which the text is spelled most like the overlap; with word times it is also near the overlap's end. A word of which the
 * overlap holds only the beginning stays whole.
 * @param words of `text`, with positions in samples; may be empty
 * @returns what is new, and what of the overlap is still to come in a later sentence
 */
export function withoutOverlap(
  text: string,
  words: readonly PositionedWord[],
  overlap: Overlap,
  rateHz: number,
): { text: string; left: Overlap | null } {
  const known = tokensOf(overlap.text);
  const heard = tokensOf(text);
  const alike = prefixDistances(known, heard);
  const times = words.length > 0 ? tokenTimes(text, heard, words) : undefined;
  const from = (cut: number) => (cut === 0 ? text : dropLeadingPunctuation(text.slice(heard[cut - 1]?.end)));
  const exact = alike.upTo.indexOf(0);
  if (exact >= 0) return { text: from(exact), left: null };
  const inside = beginningOf(alike);
  if (inside !== undefined) {
    const rest = overlap.text.slice(known[inside]?.start ?? overlap.text.length);
    return { text: '', left: { text: rest, endPos: overlap.endPos } };
  }
  // Of a word that is longer now the stored text has only the beginning, however little of it is missing.
  const beforeWord = cutBeforeWord(known, heard);
  const allKnown = (times?.at(-1)?.middlePos ?? Number.POSITIVE_INFINITY) < overlap.endPos;
  if (allKnown && beforeWord !== heard.length - 1) return { text: '', left: overlap };
  if (!times) return { text: from(beforeWord ?? cutBySpelling(alike)), left: null };
  const cut = cutByTime(alike, heard, times, { endPos: overlap.endPos, rateHz });
  return { text: from(cut - 1 === beforeWord ? beforeWord : cut), left: null };
}

/**
 * Where all that is heard so far is spelled like the beginning of the overlap: how many of its tokens that is. Undefined where
 * the overlap ends within what is heard.
 */
function beginningOf({ within, upTo, heardChars }: PrefixDistances): number | undefined {
  const inside = indexOfLowest(within);
  const distance = within[inside] as number;
  const isBeginning = inside < within.length - 1 && distance < Math.min(...upTo);
  return isBeginning && distance <= heardChars * DEDUPE_RULES.maxBeginningDifference ? inside : undefined;
}

/** A cut is the number of heard tokens before it. Without word times it lies where the spelling fits, if it does anywhere. */
function cutBySpelling({ upTo, knownChars }: PrefixDistances): number {
  const best = indexOfLowest(upTo);
  return (upTo[best] as number) <= knownChars * DEDUPE_RULES.maxDifference ? best : 0;
}

/** Whether the overlap's last token is a word and only the beginning of `heard`. */
const isBeginningOf = (last: Token | undefined, heard: Token | undefined): boolean =>
  last?.isWord === true &&
  heard !== undefined &&
  heard.chars.length > last.chars.length &&
  heard.chars.startsWith(last.chars);

/** Where the overlap's last token is only the beginning of a word that is heard now: before that word. */
function cutBeforeWord(known: readonly Token[], heard: readonly Token[]): number | undefined {
  const last = known.at(-1);
  if (!last?.isWord) return undefined;
  const alike = prefixDistances(known.slice(0, -1), heard);
  const cut = indexOfLowest(alike.upTo);
  const word = heard[cut];
  return isBeginningOf(last, word) &&
    (alike.upTo[cut] as number) <= alike.knownChars * DEDUPE_RULES.maxDifference
    ? cut
    : undefined;
}

/** Where the spelling fits and the time is near the overlap's end, and before a word that goes on beyond it. */
function cutByTime(
  { upTo, knownChars }: PrefixDistances,
  heard: readonly Token[],
  times: readonly TokenTime[],
  { endPos, rateHz }: { endPos: number; rateHz: number },
): number {
  const timeWeightSamples = msToSamples(DEDUPE_RULES.timeWeightMs, rateHz);
  const roundingSamples = msToSamples(DEDUPE_RULES.timeRoundingMs, rateHz);
  const scores = upTo.map((distance, cut) => {
    const chars = distance + (isWithinWord(times, cut) ? DEDUPE_RULES.withinWordChars : 0);
    const away = Math.max(0, awayFrom(endPos, times, cut) - roundingSamples);
    return chars / knownChars + away / timeWeightSamples;
  });
  // A word that was heard up to its middle, as far as times tell, counts as stored.
  const cut = scores.lastIndexOf(Math.min(...scores));
  const beyond = (times[cut - 1]?.endPos ?? 0) - endPos;
  const goesOn = beyond > msToSamples(DEDUPE_RULES.wordToleranceMs, rateHz);
  return goesOn && isPartlyKnown(heard[cut - 1], upTo, cut) ? cut - 1 : cut;
}

/** Whether `last`, with which a cut's known part ends, is a word of which the overlap does not spell every character. */
function isPartlyKnown(last: Token | undefined, upTo: readonly number[], cut: number): boolean {
  if (!last?.isWord) return false;
  const spelled = (upTo[cut - 1] as number) - (upTo[cut] as number);
  return spelled < prefixDistances([], [last]).heardChars;
}

/**
 * How far from `endPos` a sentence would have to end that holds the first `cut` tokens and no more, samples. A word that was
 * heard up to its middle may be stored as a whole. Within a word, the boundary may be anywhere.
 */
function awayFrom(endPos: number, times: readonly TokenTime[], cut: number): number {
  const last = times[cut - 1]?.endsIn;
  const next = times[cut]?.startsIn;
  const isWithin = isWithinWord(times, cut);
  const earliest = last ? (isWithin ? last.startPos : middleOf(last)) : Number.NEGATIVE_INFINITY;
  const latest = next ? (isWithin ? next.endPos : middleOf(next)) : Number.POSITIVE_INFINITY;
  return Math.max(0, earliest - endPos, endPos - latest);
}

/** Whether the recogniser gives the tokens on both sides of a cut as one word. */
const isWithinWord = (times: readonly TokenTime[], cut: number): boolean =>
  cut > 0 && cut < times.length && times[cut - 1]?.endsIn === times[cut]?.startsIn;

interface TokenTime {
  middlePos: number;
  endPos: number;
  /** The words in which the token begins and ends. */
  startsIn: PositionedWord | undefined;
  endsIn: PositionedWord | undefined;
}

/** When each token was spoken, by the words that spell it; inside a word, in proportion to its characters. */
function tokenTimes(text: string, tokens: readonly Token[], words: readonly PositionedWord[]): TokenTime[] {
  const placed: PlacedWord[] = [];
  let from = 0;
  for (const word of words) {
    const start = text.indexOf(word.text, from);
    if (start < 0 || word.text === '') continue;
    from = start + word.text.length;
    placed.push({ start, end: from, word });
  }
  return tokens.map(({ start, end }) => {
    // What begins where one word ends begins the next one.
    const first = placed.find((one) => start < one.end) ?? placed.at(-1);
    const last = placed.find((one) => end <= one.end) ?? placed.at(-1);
    const endPos = posAt(end, last);
    return {
      middlePos: (posAt(start, first) + endPos) / 2,
      endPos,
      startsIn: first?.word,
      endsIn: last?.word,
    };
  });
}

/** A word's place in a text, UTF-16 units. */
interface PlacedWord {
  start: number;
  end: number;
  word: PositionedWord;
}

function posAt(offset: number, placed: PlacedWord | undefined): number {
  if (!placed) return 0;
  const { start, end, word } = placed;
  const share = Math.min(1, Math.max(0, (offset - start) / (end - start)));
  return word.startPos + share * (word.endPos - word.startPos);
}

const indexOfLowest = (values: readonly number[]): number => values.indexOf(Math.min(...values));

const dropLeadingPunctuation = (text: string): string => text.replace(/^[\s\p{P}]+/u, '');

const wordChars = (text: string): number => (text.match(/[\p{L}\p{N}]/gu) ?? []).length;

/** The last words, as many as `text` spells. */
function lastWords(words: readonly PositionedWord[], text: string): PositionedWord[] {
  let chars = wordChars(text);
  let from = words.length;
  while (from > 0) {
    chars -= wordChars((words[from - 1] as PositionedWord).text);
    if (chars < 0) break;
    from -= 1;
  }
  return words.slice(from);
}
