import { msToSamples } from '../../contract/limits.ts';
import {
  type AsrEngine,
  ENGINE_RATE_HZ,
  type Recogniser,
  type RecogniserEvents,
  type Segment,
  type Word,
} from '../../local/asr/recogniser.ts';

/**
 * Speech that costs next to nothing to recognise: each word is a tone, and how loud it is tells which word it is, so that text is a
 * function of the audio, whatever part of it is heard again.
 */
const WORDS = [...'今天我们讨论这个项目进展情况'];
/** Between two words' amplitudes, 16-bit steps. */
const LEVEL_STEP = 1_000;
const WORD_MS = 250;
const TONE_HZ = 100;
const SENTENCE_MS = WORDS.length * WORD_MS;
/** Longer than the silence that ends a sentence by default (1 s). */
const PAUSE_MS = 1_500;
/** Every sentence is the same, ms. */
export const PERIOD_MS = SENTENCE_MS + PAUSE_MS;

/** A window is one word, or silence. */
const WINDOW_MS = 50;
const WINDOW_SAMPLES = msToSamples(WINDOW_MS, ENGINE_RATE_HZ);
/** Of so many samples one is looked at. */
const LOOK_AT_EACH = 4;
/** How often an update is told, ms of audio: as the engines of the local recogniser. */
const UPDATE_MS = 100;
/** After so much silence what was said is final. */
const FINAL_AFTER_MS = 300;

/** One period of speech, PCM at 16 kHz. */
export function speakTones(): Int16Array {
  const pcm = new Int16Array(msToSamples(PERIOD_MS, ENGINE_RATE_HZ));
  const wordSamples = msToSamples(WORD_MS, ENGINE_RATE_HZ);
  const halfWave = ENGINE_RATE_HZ / TONE_HZ / 2;
  for (let i = 0; i < msToSamples(SENTENCE_MS, ENGINE_RATE_HZ); i++) {
    const amplitude = (Math.floor(i / wordSamples) + 1) * LEVEL_STEP;
    pcm[i] = Math.floor(i / halfWave) % 2 === 0 ? amplitude : -amplitude;
  }
  return pcm;
}

/** Hears {@link speakTones}. */
export class ToneEngine implements AsrEngine {
  readonly name = 'tones';
  lagMs = (): number => 0;
  close = async (): Promise<void> => {};

  open(events: RecogniserEvents): Recogniser {
    return new ToneRecogniser(events);
  }
}

class ToneRecogniser implements Recogniser {
  readonly #events: RecogniserEvents;
  #processedMs = 0;
  #filled = 0;
  #sum = 0;
  #looked = 0;
  /** Of the speech that is not final. */
  #words: Word[] = [];
  #closed = false;

  constructor(events: RecogniserEvents) {
    this.#events = events;
  }

  push(pcm: Int16Array): void {
    for (let at = 0; at < pcm.length && !this.#closed; ) {
      const until = Math.min(pcm.length, at + WINDOW_SAMPLES - this.#filled);
      for (let i = at; i < until; i += LOOK_AT_EACH) {
        this.#sum += Math.abs(pcm[i] as number);
        this.#looked += 1;
      }
      this.#filled += until - at;
      at = until;
      if (this.#filled === WINDOW_SAMPLES) this.#endWindow();
    }
  }

  flush(): void {
    this.#update(this.#takeFinal(), true);
  }

  close(): void {
    this.#closed = true;
  }

  #endWindow(): void {
    const level = Math.min(WORDS.length, Math.round(this.#sum / this.#looked / LEVEL_STEP));
    const startMs = this.#processedMs;
    this.#processedMs += WINDOW_MS;
    this.#filled = this.#sum = this.#looked = 0;
    if (level > 0) this.#hear(WORDS[level - 1] as string, startMs);
    const silentMs = this.#processedMs - (this.#words.at(-1)?.endMs ?? this.#processedMs);
    const finals = silentMs >= FINAL_AFTER_MS ? this.#takeFinal() : [];
    if (this.#processedMs % UPDATE_MS === 0 || finals.length > 0) this.#update(finals, false);
  }

  #hear(text: string, startMs: number): void {
    const endMs = startMs + WINDOW_MS;
    const word = this.#words.at(-1);
    if (word?.text === text && word.endMs === startMs) word.endMs = endMs;
    else this.#words.push({ text, startMs, endMs });
  }

  #segment(): Segment | null {
    const [first, last] = [this.#words[0], this.#words.at(-1)];
    if (!first || !last) return null;
    const words = this.#words.map((word) => ({ ...word }));
    const text = words.map((word) => word.text).join('');
    return { text, startMs: first.startMs, endMs: last.endMs, words };
  }

  #takeFinal(): Segment[] {
    const segment = this.#segment();
    this.#words = [];
    return segment ? [segment] : [];
  }

  #update(finals: Segment[], last: boolean): void {
    const interim = this.#segment();
    const speechStartMs = interim?.startMs ?? null;
    this.#events.onUpdate({ finals, interim, speechStartMs, processedMs: this.#processedMs, last });
  }
}
