/** A word, or one character of Chinese, with its times in ms of the stream. */
export interface Word {
  text: string;
  startMs: number;
  endMs: number;
}

/** A stretch of speech as text. `words` joined give `text`. Times are ms of the stream. */
export interface Stretch {
  text: string;
  startMs: number;
  endMs: number;
  words: Word[];
}

/** What a recogniser knows after some audio. */
export interface Hearing {
  /** Stretches that became certain since the last hearing, oldest first. They never change again. */
  settled: Stretch[];
  /** The hypothesis for the audio after the last settled stretch; it replaces the former one. */
  open: Stretch | null;
  /** Where speech began that is not settled yet, with or without a text, ms; null: there is none. */
  speechStartMs: number | null;
  /** Audio that this hearing covers, ms from the start of the stream. */
  heardMs: number;
  /** The answer to `flush`: nothing follows it. */
  last: boolean;
}

export interface RecogniserEvents {
  /** Called in order of `heardMs`, about every 100 ms of audio; synchronously inside `push` where the engine allows. */
  onHearing(hearing: Hearing): void;
  /** The engine is gone for this stream; nothing follows. */
  onFailure(error: Error): void;
}

export interface RecogniserOptions {
  /** A pause that ends a sentence, ms: an engine settles its text no later than that. */
  silenceMs: number;
}

/** One stream of 16 kHz mono audio. */
export interface Recogniser {
  /** Takes the next samples; chunks may have any size and do not change the result. */
  push(pcm: Int16Array): void;
  /** Ends the stream: everything is settled and a hearing with `last` follows. */
  flush(): void;
  /** Gives everything back; no events after it. Safe to call at any time, and twice. */
  close(): void;
}

/** A loaded engine: makes recognisers, one per stream. */
export interface AsrEngine {
  /** Shown to people. */
  readonly name: string;
  /** Audio that was taken but not recognised yet, over all streams, ms. A synchronous engine has none. */
  lagMs(): number;
  /** @throws {EngineBusy} where the engine cannot take another stream now */
  open(events: RecogniserEvents, options: RecogniserOptions): Recogniser;
  close(): Promise<void>;
}

/** The engine runs behind, or is being restarted: another stream would make it worse. */
export class EngineBusy extends Error {
  override readonly name = 'EngineBusy';
}

/** All engines take this rate. */
export const ENGINE_RATE_HZ = 16_000;
