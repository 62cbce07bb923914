import type { SampleRate } from '../../../contract/limits.ts';

/**
 * Why a recording is paused.
 * `user`: by the user; `interrupted`: a phone or WeChat call has the microphone; `hidden`: the app went to the
 * background or the screen was locked; `system`: the phone ended it without a reason.
 */
export type PauseReason = 'user' | 'interrupted' | 'hidden' | 'system';

/**
 * `denied`: the user refused the microphone to this mini-program (it is allowed on the mini-program's settings page);
 * `denied-system`: the phone refuses it to WeChat; `privacy`: the mini-program's privacy guide does not declare the microphone, or
 * the user did not agree to it; `busy`: another page or another app is recording; `failed`: all else.
 */
export type RecorderErrorCode = 'denied' | 'denied-system' | 'privacy' | 'busy' | 'failed';

/** The microphone cannot be used; `message` is the platform's own text (`errMsg`), for logs. */
export class RecorderError extends Error {
  /** What hinders it, as a code. */
  readonly code: RecorderErrorCode;
  /** @param detail the platform's own text, for logs */
  constructor(code: RecorderErrorCode, detail: string) {
    super(detail);
    this.name = 'RecorderError';
    this.code = code;
  }
}

/** `idle` → `asking` → `starting` → `recording` ⇄ `paused` → `stopped`; `failed` only before anything was recorded. */
export type RecorderState =
  | {
      /** `asking`: the user is asked for the permission. `starting`: the microphone is being opened. */
      name: 'idle' | 'asking' | 'starting' | 'recording' | 'stopped';
    }
  | {
      /** Nothing is recorded until `resume`. */
      name: 'paused';
      /** Why it is paused. */
      reason: PauseReason;
      /** An interruption (a call) still has the microphone. */
      blocked: boolean;
    }
  | {
      /** The microphone could not be opened. */
      name: 'failed';
      /** Why it could not. */
      error: RecorderError;
    };

/** Events of a {@link Recorder}, by name, with their listeners. */
export interface RecorderEvents {
  /** PCM 16-bit little-endian mono, whole samples: as much as the phone gives at a time, 40 ms or more. */
  frame: (pcm: ArrayBuffer) => void;
  /** 0 … 1, smoothed, ten a second; 0 while paused. */
  level: (level: number) => void;
  /** The state has changed; called with the new one. */
  state: (state: RecorderState) => void;
  /** An error; the state tells whether the recording continues. */
  error: (error: RecorderError) => void;
}

/** A microphone for one recording. */
export interface Recorder {
  /** The present state. */
  readonly state: RecorderState;
  /** Adds a listener. @returns a function that removes it */
  on<E extends keyof RecorderEvents>(event: E, fn: RecorderEvents[E]): () => void;
  /**
   * Asks for permission where needed and starts recording. Resolves when the microphone is open.
   * @throws RecorderError
   */
  start(): Promise<void>;
  /** Resolves when the last frame before the pause was delivered. */
  pause(): Promise<void>;
  /**
   * Resumes after a pause of any reason. Where the microphone cannot be opened yet, the recording stays paused.
   * @throws RecorderError
   */
  resume(): Promise<void>;
  /** Ends the recording for good. Resolves when the last frame was delivered; never rejects. */
  stop(): Promise<void>;
}

/** Format of one recording. */
export interface RecorderFormat {
  /** Samples per second, Hz: that of the engine. */
  sampleRateHz: SampleRate;
}
