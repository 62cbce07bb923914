import type { Clock } from '../../../lib/clock.ts';
import type { AsrFailure, AsrParams, ConnectAsr } from '../asr/types.ts';
import type { AudioBuffer } from './audio-buffer.ts';
import type { Overlap } from './dedupe.ts';
import type { LevelMeter } from './level-meter.ts';
import type { RelayRules } from './rules.ts';

export interface PlacedWord {
  text: string;
  startPos: number;
  endPos: number;
}

/** A sentence in positions of the session. */
export interface PlacedSentence {
  text: string;
  startPos: number;
  endPos: number;
  words: PlacedWord[];
}

/** What is decided: all audio before `pos` needs never be heard again. */
export interface Checkpoint {
  pos: number;
  /** Decided text that reaches beyond `pos`. */
  overlap: Overlap | null;
}

export interface RelayHandlers {
  /** The open sentence, as heard so far; empty text takes back what was shown. */
  interim(sentence: PlacedSentence): void;
  /** A finished sentence, and the checkpoint that it brings. */
  final(sentence: PlacedSentence, checkpoint: Checkpoint): void;
  /** The checkpoint moved without text: silence, or a sentence that came to nothing. */
  checkpoint(checkpoint: Checkpoint): void;
  /** The recogniser takes audio further ahead now. */
  advanced(): void;
  /** Failures without progress: the recogniser is away. The relay goes on trying. */
  trouble(failure: AsrFailure): void;
  /** Progress again after `trouble`. */
  recovered(): void;
  /** No use in trying again. */
  fatal(failure: AsrFailure): void;
  /** After `drain`: all audio up to its end is decided. */
  drained(): void;
}

export interface RelayDeps {
  connect: ConnectAsr;
  params: AsrParams;
  buffer: AudioBuffer;
  levels: LevelMeter;
  clock: Clock;
  random?: () => number;
  rules?: RelayRules;
  checkpoint: Checkpoint;
}
