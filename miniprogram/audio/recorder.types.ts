import type { SampleRate } from '../../contract/limits.ts';

/**
 * Why a recording stands still.
 * `user`: asked for; `interrupted`: a phone or WeChat call has the microphone; `hidden`: the app went to the
 * background or the screen was locked; `system`: the phone ended it without a reason.
 */
export type PauseReason = 'user' | 'interrupted' | 'hidden' | 'system';

/**
 * `denied`: the person refused the microphone to this mini-program (mend: settings page of the mini-program);
 * `denied-system`: the phone refuses it to WeChat itself; `privacy`: the mini-program's privacy guide does not declare
 * the microphone, or the person did not agree to it; `busy`: another page or another app is recording; `failed`: all else.
 */
export type RecorderErrorCode = 'denied' | 'denied-system' | 'privacy' | 'busy' | 'failed';

export class RecorderError extends Error {
  readonly code: RecorderErrorCode;
  constructor(code: RecorderErrorCode, detail: string) {
    super(detail);
    this.name = 'RecorderError';
    this.code = code;
  }
}

/** `idle` → `asking` → `starting` → `recording` ⇄ `paused` → `stopped`; `failed` only before anything was recorded. */
export type RecorderState =
  | { name: 'idle' | 'asking' | 'starting' | 'recording' | 'stopped' }
  /** `blocked`: whatever has the microphone did not give it back yet. */
  | { name: 'paused'; reason: PauseReason; blocked: boolean }
  | { name: 'failed'; error: RecorderError };

export interface RecorderEvents {
  /** PCM 16-bit little-endian mono, whole samples, about 100 ms. */
  frame: (pcm: ArrayBuffer) => void;
  /** 0 … 1, smoothed, once a frame; 0 when recording stands still. */
  level: (level: number) => void;
  state: (state: RecorderState) => void;
  /** Something went wrong; the state says whether the recording survived it. */
  error: (error: RecorderError) => void;
}

/** A microphone for one recording. */
export interface Recorder {
  readonly state: RecorderState;
  on<E extends keyof RecorderEvents>(event: E, fn: RecorderEvents[E]): () => void;
  /**
   * Asks for permission where needed and begins. Resolves when the microphone is open.
   * @throws RecorderError
   */
  start(): Promise<void>;
  /** Resolves when the last frame before the pause was delivered. */
  pause(): Promise<void>;
  /**
   * Goes on after a pause of any reason. Where the microphone cannot be had yet, the recording stays paused.
   * @throws RecorderError
   */
  resume(): Promise<void>;
  /** Ends the recording for good. Resolves when the last frame was delivered; never rejects. */
  stop(): Promise<void>;
}

/** What one recording asks of the phone. */
export interface RecorderFormat {
  sampleRateHz: SampleRate;
}
