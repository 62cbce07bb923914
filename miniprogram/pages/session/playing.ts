import type { SentenceView } from '../../../contract/functions.ts';

/** No sentence is played. */
export const NOT_PLAYING = -1;

export interface PlayingView {
  /** Index of the sentence at the position of the player. */
  playing: number;
  /** The user has scrolled away from it while it is played. */
  away: boolean;
}

export interface PlayingDeps {
  /** In the order of the audio. */
  sentences: () => readonly SentenceView[];
  show: (view: PlayingView) => void;
  /** Brings a sentence into sight. */
  reveal: (index: number) => void;
}

/** A pause that is longer belongs to no sentence, ms; nor does what is played beyond the sentences that were read. */
const PAUSE_MS = 10_000;

/** The last sentence that begins at or before `ms`; null before the first, and long after its end. */
export function sentenceAt(sentences: readonly SentenceView[], ms: number): SentenceView | null {
  let [low, high] = [0, sentences.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sentences[middle] as SentenceView).startMs <= ms) low = middle + 1;
    else high = middle;
  }
  const sentence = sentences[low - 1];
  return sentence && ms < sentence.endMs + PAUSE_MS ? sentence : null;
}

/** Marks the sentence that is played, and keeps it in sight until the user scrolls. */
export class PlayingLine {
  readonly #deps: PlayingDeps;
  #playing = false;
  #index = NOT_PLAYING;
  #away = false;

  constructor(deps: PlayingDeps) {
    this.#deps = deps;
  }

  /** The player is at a position. */
  moved(ms: number, playing: boolean): void {
    const turned = playing !== this.#playing;
    this.#playing = playing;
    // Before anything was played nothing is marked.
    if (!playing && this.#index === NOT_PLAYING) return;
    const index = sentenceAt(this.#deps.sentences(), ms)?.index ?? NOT_PLAYING;
    const changed = index !== this.#index;
    this.#index = index;
    if (changed || turned) this.#show();
    if (changed && playing && !this.#away && index !== NOT_PLAYING) this.#deps.reveal(index);
  }

  /** The user scrolls. */
  scrolled(): void {
    if (!this.#playing || this.#away) return;
    this.#away = true;
    this.#show();
  }

  /** The user has chosen what to play. */
  chosen(): void {
    this.#away = false;
    this.#show();
  }

  /** The user wants to see what is played. */
  follow(): void {
    this.chosen();
    if (this.#index !== NOT_PLAYING) this.#deps.reveal(this.#index);
  }

  #show(): void {
    this.#deps.show({ playing: this.#index, away: this.#away && this.#playing });
  }
}
