import { ENGINE_RATE_HZ, type RecognitionUpdate, type Segment, type Word } from '../recogniser.ts';

/** A stream of sherpa-onnx-node, as far as it is used (its own types are less strict). */
export interface NativeHandle {
  /** `samples` must be a Float32Array: with another type the engine reads beyond its end. */
  acceptWaveform(audio: { sampleRate: number; samples: Float32Array }): void;
  setOption(key: string, value: string): void;
  inputFinished(): void;
}
/** An online recogniser of sherpa-onnx-node, as far as it is used. */
export interface NativeRecogniser {
  createStream(): NativeHandle;
  isReady(stream: NativeHandle): boolean;
  decodeStreams(streams: NativeHandle[]): void;
  isEndpoint(stream: NativeHandle): boolean;
  reset(stream: NativeHandle): void;
  getResult(stream: NativeHandle): NativeResult;
}
interface NativeResult {
  text: string;
  tokens?: string[];
  /** Seconds, relative to `start_time`. Paraformer gives none. */
  timestamps?: number[];
  start_time?: number;
}

/** Assumed duration of a segment's last token, ms: the engine gives only starts. */
const LAST_TOKEN_MS = 240;
/** Look-ahead of models that give no times, ms: their text is dated by when it appears, minus this. */
const UNTIMED_DELAY_MS = 600;
/** An update is sent after this much audio even when nothing has changed, ms. */
const UPDATE_EVERY_MS = 100;

/** One stream in the engine's process: converts native results to updates. */
export class NativeStream {
  readonly handle: NativeHandle;
  readonly #recogniser: NativeRecogniser;
  readonly #chunkMs: number;
  #samples = 0;
  #decodedChunks = 0;
  #flushed = false;
  /** Audio was added that no update covers yet. */
  #pending = false;
  #interimText = '';
  #interimSinceMs = 0;
  #hasFinals = false;
  #reportedMs = 0;

  /** @param chunkMs audio per decoding step */
  constructor(recogniser: NativeRecogniser, chunkMs: number) {
    this.#recogniser = recogniser;
    this.#chunkMs = chunkMs;
    this.handle = recogniser.createStream();
  }

  /** Whether there is enough audio for a decoding step. */
  get ready(): boolean {
    return this.#recogniser.isReady(this.handle);
  }

  /** To be called after each decoding step. */
  countDecoded(): void {
    this.#decodedChunks++;
  }

  push(pcm: Int16Array): void {
    const samples = Float32Array.from(pcm, (sample) => sample / 32_768);
    this.handle.acceptWaveform({ sampleRate: ENGINE_RATE_HZ, samples });
    this.#samples += pcm.length;
    this.#pending = true;
  }

  /** @param tailSamples silence after the last sample */
  flush(tailSamples: number): void {
    this.handle.acceptWaveform({ sampleRate: ENGINE_RATE_HZ, samples: new Float32Array(tailSamples) });
    // only paraformer reads this option
    this.handle.setOption('is_final', '1');
    this.handle.inputFinished();
    this.#flushed = true;
    this.#pending = true;
  }

  /** The update since the previous call; null: nothing to report. */
  takeUpdate(): RecognitionUpdate | null {
    if (!this.#pending) return null;
    const caughtUp = !this.ready;
    const result = this.#recogniser.getResult(this.handle);
    const acceptedMs = (this.#samples * 1000) / ENGINE_RATE_HZ;
    const processedMs = caughtUp ? acceptedMs : Math.min(acceptedMs, this.#decodedChunks * this.#chunkMs);
    const changed = result.text !== this.#interimText;
    if (changed && this.#interimText === '')
      this.#interimSinceMs = Math.max(0, processedMs - UNTIMED_DELAY_MS);
    this.#interimText = result.text;
    const last = this.#flushed && caughtUp;
    const ended = last || this.#recogniser.isEndpoint(this.handle);
    if (caughtUp) this.#pending = false;
    if (!ended && !changed && processedMs - this.#reportedMs < UPDATE_EVERY_MS) return null;
    this.#reportedMs = Math.max(this.#reportedMs, processedMs);

    const segment = result.text === '' ? null : this.#segment(result, this.#reportedMs);
    if (ended) {
      if (!last) this.#recogniser.reset(this.handle);
      this.#interimText = '';
      this.#hasFinals ||= segment !== null;
    }
    const interim = ended ? null : segment;
    return {
      finals: ended && segment ? [segment] : [],
      interim,
      speechStartMs: interim?.startMs ?? null,
      processedMs: this.#reportedMs,
      last,
    };
  }

  #segment(result: NativeResult, processedMs: number): Segment {
    const words = timedWords(result, processedMs) ?? [
      { text: result.text, startMs: this.#interimSinceMs, endMs: processedMs },
    ];
    // in languages with spaces one separates the segment from the previous one
    const first = words[0] as Word;
    if (this.#hasFinals && /^[A-Za-z0-9]/.test(first.text)) first.text = ` ${first.text}`;
    return {
      text: words.map((word) => word.text).join(''),
      startMs: first.startMs,
      endMs: (words.at(-1) as Word).endMs,
      words,
    };
  }
}

/** The tokens as words; null when the model gives no times, or its tokens do not make up its text (parts of characters). */
function timedWords(
  { text, tokens = [], timestamps = [], start_time = 0 }: NativeResult,
  processedMs: number,
): Word[] | null {
  if (tokens.length === 0 || timestamps.length !== tokens.length || tokens.join('').trim() !== text)
    return null;
  const at = (i: number): number => Math.round(1000 * (start_time + (timestamps[i] as number)));
  return tokens.map((token, i) => {
    const startMs = Math.min(at(i), processedMs);
    const next = i + 1 < tokens.length ? at(i + 1) : startMs + LAST_TOKEN_MS;
    return {
      text: i === 0 ? token.trimStart() : token,
      startMs,
      endMs: Math.round(Math.max(startMs, Math.min(next, startMs + 2 * LAST_TOKEN_MS, processedMs))),
    };
  });
}
