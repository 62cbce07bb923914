import { msToSamples } from '../../../contract/limits.ts';
import type { PositionedWord, SentenceCheckpoint } from '../../../contract/records.ts';
import type { AudioBuffer } from './audio-buffer.ts';
import type { PositionedSentence } from './dedupe.ts';
import type { LevelMeter } from './level-meter.ts';
import { HEAD_RULES } from './rules.ts';

/** The beginning of an open sentence that does not change any more. A stream that begins at its `pos` continues the sentence. */
export type SentenceHead = Omit<SentenceCheckpoint, 'index'>;

/** An interim of one stream. */
export interface Interim {
  /** The recogniser's own number of the sentence. */
  index: number;
  sentence: PositionedSentence;
  /** By word of `sentence`: the recogniser will not change it any more. */
  stable: readonly boolean[];
  /** What the stream had been sent, samples. */
  sentPos: number;
}

export interface SentenceHeadDeps {
  levels: LevelMeter;
  buffer: AudioBuffer;
  rateHz: number;
  /** Silence that ends a sentence, ms. */
  silenceMs: number;
  /** False: none is looked for; the one that a record brings is used. */
  enabled: boolean;
}

/**
 * The head of the session's open sentence, over all upstream streams. Looked for in the interims of one stream: words that the
 * recogniser calls stable, that two interims agree on, and that a pause ends. When the stream is lost, the next one begins behind the
 * head, and its first sentence is the rest of the same sentence.
 */
export class SentenceHeads {
  /** Of earlier streams; the current stream's first sentence continues it. */
  private base: SentenceHead | null;
  /** What the current stream's open sentence adds to it. */
  private own: SentenceHead | null = null;
  /** Of the stream's open sentence, oldest first; the first is the newest that is far enough back to be compared with. */
  private interims: Interim[] = [];
  private readonly deps: SentenceHeadDeps;
  /** Heads that the same stream's final confirmed, and that it, or an interim before it, changed. */
  readonly counts = { held: 0, revised: 0 };

  /** @param head of the session as its last owner stored it */
  constructor(deps: SentenceHeadDeps, head: SentenceHead | null) {
    this.deps = deps;
    this.base = head;
  }

  get current(): SentenceHead | null {
    return this.own ? this.withBase(this.own) : this.base;
  }

  /** The head has become so long that it is to be a sentence of its own. */
  get isLong(): boolean {
    const { current } = this;
    if (!current) return false;
    const samples = current.pos - current.startPos;
    return (
      current.text.length > HEAD_RULES.maxChars ||
      samples > msToSamples(HEAD_RULES.maxLengthMs, this.deps.rateHz)
    );
  }

  /** A new stream begins behind the head. */
  beginStream(): void {
    this.base = this.current;
    this.forgetOwn();
  }

  /** The head has become part of a final. */
  resolve(): void {
    this.base = null;
    this.forgetOwn();
  }

  /** The stream's sentence came to nothing. */
  forgetOwn(): void {
    this.own = null;
    this.interims = [];
  }

  /** Whether what the stream heard begins so late that the head was a whole sentence. */
  isApart({ text, startPos }: PositionedSentence): boolean {
    if (!this.base || text === '') return false;
    const headEnd = this.base.words.at(-1)?.endPos ?? this.base.pos;
    return startPos - headEnd >= msToSamples(this.deps.silenceMs, this.deps.rateHz);
  }

  /** The sentence with the head of earlier streams in front; the head alone where nothing was heard behind it. */
  continued(sentence: PositionedSentence): PositionedSentence {
    return this.base ? joinSentences(sentenceOf(this.base), sentence) : sentence;
  }

  /**
   * Takes an interim of the stream's open sentence.
   * @param minPos the head must end behind it, samples
   * @returns whether {@link current} changed
   */
  consider(interim: Interim, minPos: number): boolean {
    const isRevised = this.own !== null && !beginsWith(interim.sentence, this.own);
    if (isRevised) {
      this.counts.revised += 1;
      this.forgetOwn();
    }
    if (!this.deps.enabled) return isRevised;
    const earlier = this.earlierOf(interim);
    const found = earlier && this.find(earlier, interim, Math.max(minPos, this.own?.pos ?? 0));
    if (found) this.own = found;
    return isRevised || found !== undefined;
  }

  /** The newest interim of the same sentence that is far enough back; remembers this one. */
  private earlierOf(interim: Interim): Interim | undefined {
    const { interims } = this;
    if (interims[0]?.index !== interim.index) interims.splice(0);
    interims.push(interim);
    const untilPos = interim.sentPos - msToSamples(HEAD_RULES.interimsApartMs, this.deps.rateHz);
    while ((interims[1]?.sentPos ?? Number.POSITIVE_INFINITY) <= untilPos) interims.shift();
    return (interims[0] as Interim).sentPos <= untilPos ? interims[0] : undefined;
  }

  /**
   * All of a sentence that was ended in a pause at `pos`, although the speaker may go on, becomes head: with the punctuation that
   * the recogniser gave it, since it is a whole sentence where the speaker does not go on.
   * @returns false where it has no word times, or a word that reaches beyond the pause
   */
  adopt({ text, startPos, words }: PositionedSentence, pos: number): boolean {
    const lastEnd = words.at(-1)?.endPos ?? Number.POSITIVE_INFINITY;
    if (!this.deps.enabled || lastEnd > pos) return false;
    this.own = { pos, text, startPos, words };
    return true;
  }

  /**
   * Of a sentence that was ended where the audio had stopped, perhaps within a word, what is before its last pause becomes head.
   * A head that it begins with otherwise is forgotten.
   * @param minPos the head must end behind it, samples
   */
  adoptBeforePause(sentence: PositionedSentence, minPos: number, sentPos: number): void {
    if (this.own && !beginsWith(sentence, this.own)) this.forgetOwn();
    if (!this.deps.enabled) return;
    const final = { sentence, stable: sentence.words.map(() => true) };
    const { rateHz } = this.deps;
    const fromPos = Math.max(minPos, this.own?.pos ?? 0);
    // Not further: what is behind the sentence may be the next one.
    const untilPos = Math.min(sentPos, sentence.endPos + msToSamples(HEAD_RULES.pauseMs, rateHz));
    const found = this.atPauses(Math.max(fromPos, sentence.startPos), untilPos, (pos) =>
      pos > fromPos ? headBefore(final, pos, rateHz) : undefined,
    );
    if (found) this.own = found;
  }

  /** The final of the stream's sentence has come: counts whether the head had been right. */
  confirm(sentence: PositionedSentence): void {
    if (this.own) this.counts[beginsWith(sentence, this.own) ? 'held' : 'revised'] += 1;
  }

  /** The newest pause behind which both interims agree. */
  private find(earlier: Interim, later: Interim, minPos: number): SentenceHead | undefined {
    const { rateHz } = this.deps;
    const fromPos = Math.max(minPos, later.sentence.startPos);
    const toPos = later.sentPos - msToSamples(HEAD_RULES.behindMs, rateHz);
    return this.atPauses(fromPos, toPos, (pos) =>
      pos > minPos ? agreedHead(earlier, later, pos, rateHz) : undefined,
    );
  }

  /** Tries the middle of each pause of the audio in [fromPos, untilPos), from the newest back. */
  private atPauses(
    fromPos: number,
    untilPos: number,
    headAt: (pos: number) => SentenceHead | undefined,
  ): SentenceHead | undefined {
    const { levels, buffer } = this.deps;
    let toPos = untilPos;
    for (let tries = 0; tries < HEAD_RULES.pausesTried && toPos > fromPos; tries++) {
      const pause = levels.lastPause(fromPos, toPos, HEAD_RULES.pauseMs);
      if (!pause) return undefined;
      const pos = Math.floor((pause.fromPos + pause.toPos) / 2);
      const isAudio = buffer.samplesBetween(pause.fromPos, pause.toPos) === pause.toPos - pause.fromPos;
      const head = isAudio ? headAt(pos) : undefined;
      if (head) return head;
      toPos = pause.fromPos;
    }
    return undefined;
  }

  private withBase(own: SentenceHead): SentenceHead {
    if (!this.base) return own;
    const { text, startPos, words } = joinSentences(sentenceOf(this.base), sentenceOf(own));
    return { pos: own.pos, text, startPos, words };
  }
}

/** A head as a sentence that ends with its last word. */
export const sentenceOf = ({ text, startPos, words, pos }: SentenceHead): PositionedSentence => ({
  text,
  startPos,
  endPos: words.at(-1)?.endPos ?? pos,
  words: [...words],
});

function joinSentences(first: PositionedSentence, rest: PositionedSentence): PositionedSentence {
  if (rest.text.trim() === '') return first;
  return {
    text: joinText(first.text, rest.text),
    startPos: first.startPos,
    endPos: Math.max(first.endPos, rest.endPos),
    words: [...first.words, ...rest.words],
  };
}

const HAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const ENDS_LIKE_A_WORD = /[\p{L}\p{N}.,;:?!]$/u;
const BEGINS_LIKE_A_WORD = /^[\p{L}\p{N}]/u;
const ENDS_WITH_PUNCTUATION = /\p{P}\s*$/u;
const LEADING_PUNCTUATION = /^[\s\p{Po}]+/u;

/** Two parts of one sentence: a space between words of scripts that have it, and punctuation once. */
export function joinText(first: string, second: string): string {
  const rest = ENDS_WITH_PUNCTUATION.test(first) ? second.replace(LEADING_PUNCTUATION, '') : second;
  const isSpaced =
    ENDS_LIKE_A_WORD.test(first) &&
    BEGINS_LIKE_A_WORD.test(rest) &&
    !HAN.test(first.slice(-1)) &&
    !HAN.test(rest.slice(0, 1));
  return isSpaced ? `${first} ${rest}` : first + rest;
}

/** The words before `pos`, if both interims have the same ones there, stable, with a word behind and none across. */
function agreedHead(earlier: Interim, later: Interim, pos: number, rateHz: number): SentenceHead | undefined {
  const [before, head] = [headBefore(earlier, pos, rateHz), headBefore(later, pos, rateHz)];
  if (!before || !head || before.text !== head.text) return undefined;
  const count = head.words.length;
  if (count !== before.words.length || count === later.sentence.words.length) return undefined;
  const toleranceSamples = msToSamples(HEAD_RULES.wordTimeToleranceMs, rateHz);
  const isSame = head.words.every((word, i) => {
    const other = before.words[i] as PositionedWord;
    return (
      word.text === other.text &&
      Math.abs(word.startPos - other.startPos) <= toleranceSamples &&
      Math.abs(word.endPos - other.endPos) <= toleranceSamples
    );
  });
  return isSame ? head : undefined;
}

type StableSentence = Pick<Interim, 'sentence' | 'stable'>;

/** The words before `pos` as head; undefined where there is none, or one is not stable, lies across, or is spelled otherwise. */
function headBefore(interim: StableSentence, pos: number, rateHz: number): SentenceHead | undefined {
  const { text, startPos, words: all } = interim.sentence;
  const words = all.slice(0, wordsBefore(interim, pos, rateHz) ?? 0);
  const spelling = words.length > 0 && spellingOf(text, words);
  return spelling ? { pos, text: spelling, startPos, words } : undefined;
}

/** How many words lie before `pos`, all of them stable; undefined where one is not, or lies across. */
function wordsBefore({ sentence, stable }: StableSentence, pos: number, rateHz: number): number | undefined {
  const marginSamples = msToSamples(HEAD_RULES.wordMarginMs, rateHz);
  const isBefore = ({ endPos }: PositionedWord) => endPos <= pos - marginSamples;
  const count = sentence.words.filter(isBefore).length;
  const fits = sentence.words.every((word, i) =>
    i < count ? isBefore(word) && stable[i] === true : word.startPos >= pos + marginSamples,
  );
  return fits ? count : undefined;
}

/** Punctuation that ends or joins; what opens (a quotation mark, a bracket) belongs to the next word. */
const FOLLOWING_PUNCTUATION = /^[\s\p{Po}\p{Pe}\p{Pf}]*/u;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/**
 * The beginning of `text` that spells exactly `words`, with the punctuation behind it. Undefined where it spells them otherwise (a
 * number in digits).
 */
function spellingOf(text: string, words: readonly PositionedWord[]): string | undefined {
  let end = 0;
  for (const { text: word } of words) {
    const start = text.indexOf(word, end);
    if (word === '' || start < 0 || LETTER_OR_DIGIT.test(text.slice(end, start))) return undefined;
    end = start + word.length;
  }
  const following = FOLLOWING_PUNCTUATION.exec(text.slice(end))?.[0] ?? '';
  return (text.slice(0, end) + following).trimEnd();
}

/** Whether a sentence still begins with the words of its head. */
function beginsWith({ text, words }: PositionedSentence, head: SentenceHead): boolean {
  const spelled = spellingOf(text, head.words);
  return spelled !== undefined && (words[head.words.length]?.startPos ?? head.pos) >= head.pos;
}
