import type { Hearing, Stretch, Word } from '../engine/recogniser.ts';

/** What the service says about one sentence: 0 begins, 1 goes on, 2 has ended. Times are ms of the stream. */
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
  /** A pause this long ends a sentence; Infinity: none does. */
  silenceMs: number;
  /** A sentence that lasts this long is ended in mid-speech. */
  maxSpeakMs: number;
  /** Also say that a sentence has begun, or ended, when it has no text. */
  deliverEmpty: boolean;
}

interface Sentence {
  startMs: number;
  /** End of its newest settled speech. */
  endMs: number;
  words: Word[];
  /** The text that was last delivered; null: nothing was. */
  shown: string | null;
}

/**
 * Makes sentences of what a recogniser hears. Stretches closer than `silenceMs` are one sentence; its text is the
 * stretches' text, nothing added. What a forced end already delivered of speech that goes on is left out of the next
 * sentence, so that every character is said once.
 */
export class Sentences {
  readonly #options: SentenceOptions;
  #index = 0;
  #sentence: Sentence | null = null;
  /** Text of unsettled speech that a forced end has delivered, and where it ends. */
  #delivered = '';
  #deliveredMs = 0;

  constructor(options: SentenceOptions) {
    this.#options = options;
  }

  /** The slices that follow from a hearing, in order. */
  hear(hearing: Hearing): Slice[] {
    const slices: Slice[] = [];
    for (const stretch of hearing.settled) this.#settle(stretch, slices);
    if (hearing.speechStartMs === null) this.#delivered = '';
    const open = hearing.open ? this.#undelivered(hearing.open) : null;
    this.#continue(hearing, open, slices);
    if (hearing.last) this.#end(slices);
    return slices;
  }

  #settle(stretch: Stretch, slices: Slice[]): void {
    const rest = this.#undelivered(stretch);
    this.#delivered = this.#delivered.startsWith(stretch.text)
      ? this.#delivered.slice(stretch.text.length)
      : '';
    if (!rest) return;
    if (this.#sentence && rest.startMs - this.#sentence.endMs >= this.#options.silenceMs) this.#end(slices);
    this.#sentence ??= newSentence(rest.startMs);
    // What began it may have been a noise.
    if (this.#sentence.words.length === 0 && this.#sentence.shown === null) {
      this.#sentence.startMs = rest.startMs;
    }
    this.#sentence.words.push(...rest.words);
    this.#sentence.endMs = rest.endMs;
  }

  #continue(hearing: Hearing, open: Stretch | null, slices: Slice[]): void {
    const { silenceMs, maxSpeakMs, deliverEmpty } = this.#options;
    const { speechStartMs, heardMs } = hearing;
    const silentUntilMs = speechStartMs ?? heardMs;
    if (this.#sentence && silentUntilMs - this.#sentence.endMs >= silenceMs) this.#end(slices);
    // speech that a forced end has delivered whole begins nothing
    const begun = deliverEmpty && speechStartMs !== null && this.#delivered === '';
    if (!this.#sentence && (open || begun)) {
      const startMs = open?.startMs ?? speechStartMs ?? heardMs;
      this.#sentence = newSentence(
        this.#delivered === '' ? startMs : Math.max(startMs, this.#deliveredMs),
        heardMs,
      );
    }
    const sentence = this.#sentence;
    if (!sentence) return;
    if (sentence.words.length === 0 && sentence.shown === null && open) sentence.startMs = open.startMs;
    const text = textOf(sentence.words) + (open?.text ?? '');
    if (text !== '' && heardMs - sentence.startMs >= maxSpeakMs) this.#cut(open, slices);
    else if (text !== (sentence.shown ?? (deliverEmpty ? null : ''))) {
      slices.push(this.#slice(sentence.shown === null ? 0 : 1, sentence, open));
      sentence.shown = text;
    }
  }

  /** Ends the sentence in mid-speech with all text so far. */
  #cut(open: Stretch | null, slices: Slice[]): void {
    const sentence = this.#sentence as Sentence;
    if (open) {
      this.#delivered += open.text;
      this.#deliveredMs = (open.words.at(-1) as Word).endMs;
      sentence.words.push(...open.words);
      sentence.endMs = this.#deliveredMs;
    }
    this.#end(slices);
  }

  #end(slices: Slice[]): void {
    const sentence = this.#sentence;
    this.#sentence = null;
    if (!sentence) return;
    if (sentence.words.length === 0 && sentence.shown === null && !this.#options.deliverEmpty) return;
    slices.push(this.#slice(2, sentence, null));
    this.#index++;
  }

  #slice(type: Slice['type'], sentence: Sentence, open: Stretch | null): Slice {
    const words = [
      ...sentence.words.map((word) => ({ ...word, stable: true })),
      ...(open?.words ?? []).map((word) => ({ ...word, stable: false })),
    ];
    const endMs = open?.endMs ?? sentence.endMs;
    return { type, index: this.#index, startMs: sentence.startMs, endMs, text: textOf(words), words };
  }

  /** The part of a stretch that no forced end has delivered, or null. It begins with its own first word, never before the delivered part's end. */
  #undelivered(stretch: Stretch): Stretch | null {
    if (this.#delivered === '') return stretch.text === '' ? null : stretch;
    const known = commonPrefix(this.#delivered, stretch.text);
    const words: Word[] = [];
    let at = 0;
    for (const word of stretch.words) {
      at += word.text.length;
      if (at <= known) continue;
      words.push({
        ...word,
        startMs: Math.max(word.startMs, this.#deliveredMs),
        endMs: Math.max(word.endMs, this.#deliveredMs),
      });
    }
    if (words.length === 0) return null;
    const startMs = known > 0 ? (words[0] as Word).startMs : Math.max(stretch.startMs, this.#deliveredMs);
    (words[0] as Word).startMs = startMs;
    return { text: textOf(words), startMs, endMs: Math.max(stretch.endMs, startMs), words };
  }
}

const newSentence = (startMs: number, endMs = startMs): Sentence => ({
  startMs,
  endMs,
  words: [],
  shown: null,
});
const textOf = (words: readonly Word[]): string => words.map((word) => word.text).join('');

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
