import type { RecognitionUpdate, Segment, Word } from '../recogniser.ts';

/** What the service reports about one sentence. `type` 0: it begins, 1: it goes on, 2: it has ended. Times are ms of the stream. */
export interface Slice {
  type: 0 | 1 | 2;
  index: number;
  startMs: number;
  endMs: number;
  text: string;
  words: SliceWord[];
}
export interface SliceWord extends Word {
  /** It will not change any more. */
  stable: boolean;
}

export interface SentenceOptions {
  /** A pause of this length ends a sentence; Infinity: no pause does. */
  silenceMs: number;
  /** A sentence of this length is forced to end, also within speech. */
  maxSpeakMs: number;
  /** Also report the beginning and end of a sentence that has no text. */
  deliverEmpty: boolean;
}

interface Sentence {
  startMs: number;
  /** End of its newest final segment. */
  endMs: number;
  /** Words of its final segments. */
  words: Word[];
  /** The text that was reported last; null: nothing was reported. */
  reported: string | null;
}

/**
 * Groups the segments of a recogniser into sentences. Segments with a pause of less than `silenceMs` between them are one
 * sentence, whose text is their texts joined. When a sentence is forced to end within speech, its end includes the interim
 * text; the next sentence then leaves that text out, so that every character is reported once.
 */
export class Sentences {
  readonly #options: SentenceOptions;
  #index = 0;
  #sentence: Sentence | null = null;
  /** Interim text that a forced end has already reported and that is not final yet, and when it ends. */
  #reportedAhead = '';
  #reportedAheadMs = 0;

  constructor(options: SentenceOptions) {
    this.#options = options;
  }

  /** The slices that follow from an update, in order. */
  apply(update: RecognitionUpdate): Slice[] {
    const slices: Slice[] = [];
    for (const segment of update.finals) this.#addFinal(segment, slices);
    if (update.speechStartMs === null) this.#reportedAhead = '';
    const interim = update.interim ? this.#withoutReported(update.interim) : null;
    this.#addInterim(update, interim, slices);
    if (update.last) this.#end(slices);
    return slices;
  }

  #addFinal(segment: Segment, slices: Slice[]): void {
    const rest = this.#withoutReported(segment);
    this.#reportedAhead = this.#reportedAhead.startsWith(segment.text)
      ? this.#reportedAhead.slice(segment.text.length)
      : '';
    if (!rest) return;
    if (this.#sentence && rest.startMs - this.#sentence.endMs >= this.#options.silenceMs) this.#end(slices);
    this.#sentence ??= newSentence(rest.startMs);
    this.#moveStartOfEmpty(this.#sentence, rest);
    this.#sentence.words.push(...rest.words);
    this.#sentence.endMs = rest.endMs;
  }

  /** A sentence without text may have been begun by a noise: it starts with its first text. */
  #moveStartOfEmpty(sentence: Sentence, { startMs }: Segment): void {
    if (sentence.words.length === 0 && sentence.reported === null) sentence.startMs = startMs;
  }

  #addInterim(update: RecognitionUpdate, interim: Segment | null, slices: Slice[]): void {
    const { silenceMs, maxSpeakMs, deliverEmpty } = this.#options;
    const { speechStartMs, processedMs } = update;
    const silentUntilMs = speechStartMs ?? processedMs;
    if (this.#sentence && silentUntilMs - this.#sentence.endMs >= silenceMs) this.#end(slices);
    this.#begin(update, interim);
    const sentence = this.#sentence;
    if (!sentence) return;
    if (interim) this.#moveStartOfEmpty(sentence, interim);
    const text = textOf(sentence.words) + (interim?.text ?? '');
    if (text !== '' && processedMs - sentence.startMs >= maxSpeakMs) this.#forceEnd(interim, slices);
    else if (text !== (sentence.reported ?? (deliverEmpty ? null : ''))) {
      slices.push(this.#slice(sentence.reported === null ? 0 : 1, sentence, interim));
      sentence.reported = text;
    }
  }

  /** Begins a sentence when there is interim text, or when speech has begun and empty sentences are reported. */
  #begin({ speechStartMs, processedMs }: RecognitionUpdate, interim: Segment | null): void {
    if (this.#sentence) return;
    // while text that a forced end reported is not final, the running speech belongs to that sentence
    const speechBegan = this.#options.deliverEmpty && speechStartMs !== null && this.#reportedAhead === '';
    if (!interim && !speechBegan) return;
    const startMs = interim?.startMs ?? speechStartMs ?? processedMs;
    this.#sentence = newSentence(
      this.#reportedAhead === '' ? startMs : Math.max(startMs, this.#reportedAheadMs),
      processedMs,
    );
  }

  /** Ends the sentence within speech, with all text so far. */
  #forceEnd(interim: Segment | null, slices: Slice[]): void {
    const sentence = this.#sentence as Sentence;
    if (interim) {
      this.#reportedAhead += interim.text;
      this.#reportedAheadMs = (interim.words.at(-1) as Word).endMs;
      sentence.words.push(...interim.words);
      sentence.endMs = this.#reportedAheadMs;
    }
    this.#end(slices);
  }

  #end(slices: Slice[]): void {
    const sentence = this.#sentence;
    this.#sentence = null;
    if (!sentence) return;
    if (sentence.words.length === 0 && sentence.reported === null && !this.#options.deliverEmpty) return;
    slices.push(this.#slice(2, sentence, null));
    this.#index++;
  }

  #slice(type: Slice['type'], sentence: Sentence, interim: Segment | null): Slice {
    const words = [
      ...sentence.words.map((word) => ({ ...word, stable: true })),
      ...(interim?.words ?? []).map((word) => ({ ...word, stable: false })),
    ];
    const endMs = interim?.endMs ?? sentence.endMs;
    return { type, index: this.#index, startMs: sentence.startMs, endMs, text: textOf(words), words };
  }

  /**
   * The part of a segment that no forced end has reported, or null. It starts with its own first word, but not before the
   * reported part ends.
   */
  #withoutReported(segment: Segment): Segment | null {
    if (this.#reportedAhead === '') return segment.text === '' ? null : segment;
    const reportedChars = commonPrefix(this.#reportedAhead, segment.text);
    const words: Word[] = [];
    let at = 0;
    for (const word of segment.words) {
      at += word.text.length;
      if (at <= reportedChars) continue;
      words.push({
        ...word,
        startMs: Math.max(word.startMs, this.#reportedAheadMs),
        endMs: Math.max(word.endMs, this.#reportedAheadMs),
      });
    }
    if (words.length === 0) return null;
    const startMs =
      reportedChars > 0 ? (words[0] as Word).startMs : Math.max(segment.startMs, this.#reportedAheadMs);
    (words[0] as Word).startMs = startMs;
    return { text: textOf(words), startMs, endMs: Math.max(segment.endMs, startMs), words };
  }
}

const newSentence = (startMs: number, endMs = startMs): Sentence => ({
  startMs,
  endMs,
  words: [],
  reported: null,
});
const textOf = (words: readonly Word[]): string => words.map((word) => word.text).join('');

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
