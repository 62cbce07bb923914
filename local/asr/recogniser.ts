/** A word, or one character of Chinese. Times are ms of the stream. */
export interface Word {
  text: string;
  startMs: number;
  endMs: number;
}

/** A piece of recognised speech. The texts of `words`, joined, give `text`. Times are ms of the stream. */
export interface Segment {
  text: string;
  startMs: number;
  endMs: number;
  words: Word[];
}

/** What changed after some audio. */
export interface RecognitionUpdate {
  /** Segments that became final since the previous update, oldest first. They never change again. */
  finals: Segment[];
  /** The hypothesis for the audio after the newest final; it replaces the previous one. */
  interim: Segment | null;
  /** Where speech that is not final yet began, with or without a text, ms; null: there is none. */
  speechStartMs: number | null;
  /** How much audio this update covers, ms since the start of the stream. */
  processedMs: number;
  /** Set in the answer to `flush`, after which no update follows. */
  last: boolean;
}

export interface RecogniserEvents {
  /** Called about every 100 ms of audio, with increasing `processedMs`; within `push` where the engine is synchronous. */
  onUpdate(update: RecognitionUpdate): void;
  /** The engine failed; no event follows for this stream. */
  onFailure(error: Error): void;
}

export interface RecogniserOptions {
  /** The pause that ends a sentence, ms: by then the engine has made the text before it final. */
  silenceMs: number;
}

/** Recognises one stream of 16 kHz mono audio. */
export interface Recogniser {
  /** Takes the next samples. How the audio is split into chunks does not change the result. */
  push(pcm: Int16Array): void;
  /** Ends the stream: everything becomes final, and an update with `last` follows. */
  flush(): void;
  /** Frees the stream; no event follows. May be called at any time and more than once. */
  close(): void;
}

/** A loaded engine: makes one recogniser per stream. */
export interface AsrEngine {
  /** Shown to people. */
  readonly name: string;
  /** Audio of all streams that was accepted and is not recognised yet, ms; always 0 for a synchronous engine. */
  lagMs(): number;
  /** @throws {EngineBusy} when the engine cannot take another stream now */
  open(events: RecogniserEvents, options: RecogniserOptions): Recogniser;
  close(): Promise<void>;
}

/** The engine is too far behind, or is restarting, and takes no further stream. */
export class EngineBusy extends Error {
  override readonly name = 'EngineBusy';
}

/** Sample rate of the audio that every engine takes. */
export const ENGINE_RATE_HZ = 16_000;
