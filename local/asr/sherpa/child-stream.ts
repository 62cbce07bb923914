import { ENGINE_RATE_HZ, type Hearing, type Stretch, type Word } from '../engine/recogniser.ts';

/** What is used of sherpa-onnx-node (its own types are looser). */
export interface NativeStream {
  /** The type of `samples` is not checked there: anything else is read past its end. */
  acceptWaveform(audio: { sampleRate: number; samples: Float32Array }): void;
  setOption(key: string, value: string): void;
  inputFinished(): void;
}
export interface NativeRecogniser {
  createStream(): NativeStream;
  isReady(stream: NativeStream): boolean;
  decodeStreams(streams: NativeStream[]): void;
  isEndpoint(stream: NativeStream): boolean;
  reset(stream: NativeStream): void;
  getResult(stream: NativeStream): NativeResult;
}
interface NativeResult {
  text: string;
  tokens?: string[];
  /** Seconds, from `start_time`. Paraformer has none. */
  timestamps?: number[];
  start_time?: number;
}

/** How long the last token of a segment is taken to last, ms: only starts are known. */
const LAST_TOKEN_MS = 240;
/** Some models give no times at all: text is then dated by when it appeared, less what such a model looks ahead. */
const UNTIMED_DELAY_MS = 600;
const HEARING_MS = 100;

/** One stream inside the engine's process: native results to hearings. */
export class ChildStream {
  readonly native: NativeStream;
  readonly #recogniser: NativeRecogniser;
  readonly #chunkMs: number;
  #samples = 0;
  #chunks = 0;
  #flushed = false;
  #touched = false;
  #openText = '';
  #openSinceMs = 0;
  #anySettled = false;
  #reportedMs = 0;

  /** @param chunkMs audio that one decoding takes */
  constructor(recogniser: NativeRecogniser, chunkMs: number) {
    this.#recogniser = recogniser;
    this.#chunkMs = chunkMs;
    this.native = recogniser.createStream();
  }

  get ready(): boolean {
    return this.#recogniser.isReady(this.native);
  }

  /** One chunk was decoded. */
  decoded(): void {
    this.#chunks++;
  }

  push(pcm: Int16Array): void {
    const samples = Float32Array.from(pcm, (sample) => sample / 32_768);
    this.native.acceptWaveform({ sampleRate: ENGINE_RATE_HZ, samples });
    this.#samples += pcm.length;
    this.#touched = true;
  }

  flush(tailSamples: number): void {
    this.native.acceptWaveform({ sampleRate: ENGINE_RATE_HZ, samples: new Float32Array(tailSamples) });
    // Only paraformer heeds it.
    this.native.setOption('is_final', '1');
    this.native.inputFinished();
    this.#flushed = true;
    this.#touched = true;
  }

  /** What is new since the last call, or null. */
  hear(): Hearing | null {
    if (!this.#touched) return null;
    const caughtUp = !this.ready;
    const result = this.#recogniser.getResult(this.native);
    const acceptedMs = (this.#samples * 1000) / ENGINE_RATE_HZ;
    const heardMs = caughtUp ? acceptedMs : Math.min(acceptedMs, this.#chunks * this.#chunkMs);
    const changed = result.text !== this.#openText;
    if (changed && this.#openText === '') this.#openSinceMs = Math.max(0, heardMs - UNTIMED_DELAY_MS);
    this.#openText = result.text;
    const last = this.#flushed && caughtUp;
    const ended = last || this.#recogniser.isEndpoint(this.native);
    if (caughtUp) this.#touched = false;
    if (!ended && !changed && heardMs - this.#reportedMs < HEARING_MS) return null;
    this.#reportedMs = Math.max(this.#reportedMs, heardMs);

    const stretch = result.text === '' ? null : this.#stretch(result, this.#reportedMs);
    if (ended) {
      if (!last) this.#recogniser.reset(this.native);
      this.#openText = '';
      this.#anySettled ||= stretch !== null;
    }
    const open = ended ? null : stretch;
    return {
      settled: ended && stretch ? [stretch] : [],
      open,
      speechStartMs: open?.startMs ?? null,
      heardMs: this.#reportedMs,
      last,
    };
  }

  #stretch(result: NativeResult, heardMs: number): Stretch {
    const words = this.#timedWords(result, heardMs) ?? [
      { text: result.text, startMs: this.#openSinceMs, endMs: heardMs },
    ];
    // Segments of a language with spaces must not run together.
    const first = words[0] as Word;
    if (this.#anySettled && /^[A-Za-z0-9]/.test(first.text)) first.text = ` ${first.text}`;
    return {
      text: words.map((word) => word.text).join(''),
      startMs: first.startMs,
      endMs: (words.at(-1) as Word).endMs,
      words,
    };
  }

  /** Null where the model gives no times, or its tokens are not its text (half characters). */
  #timedWords(
    { text, tokens = [], timestamps = [], start_time = 0 }: NativeResult,
    heardMs: number,
  ): Word[] | null {
    if (tokens.length === 0 || timestamps.length !== tokens.length || tokens.join('').trim() !== text)
      return null;
    const at = (i: number): number => Math.round(1000 * (start_time + (timestamps[i] as number)));
    return tokens.map((token, i) => {
      const startMs = Math.min(at(i), heardMs);
      const next = i + 1 < tokens.length ? at(i + 1) : startMs + LAST_TOKEN_MS;
      return {
        text: i === 0 ? token.trimStart() : token,
        startMs,
        endMs: Math.round(Math.max(startMs, Math.min(next, startMs + 2 * LAST_TOKEN_MS, heardMs))),
      };
    });
  }
}
