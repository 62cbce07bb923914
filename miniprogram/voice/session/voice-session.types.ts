import type { EngineName } from '../../../contract/engines.ts';
import type { ErrorCode, WireError } from '../../../contract/errors.ts';
import type { Loss } from '../../../contract/records.ts';
import type { Hotword, StopAnswer, Word } from '../../../contract/stream.ts';

/**
 * `idle` → `connecting` → `live` ⇄ `reconnecting` → `stopping` → `ended`, or `failed` from anywhere.
 * Audio is taken in `connecting`, `live` and `reconnecting`; what cannot be sent yet is kept in the ring.
 */
export type VoiceState = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'stopping' | 'ended' | 'failed';

/** A change of a session's state. */
export interface StateChange {
  /** The state before. */
  old: VoiceState;
  /** The state now. */
  new: VoiceState;
  /** Why: `start`, `started`, `lost:<disconnect reason>`, `resumed`, `draining`, `stop`, `completed`, `cancel`, `error:<code>`, `take-over`. */
  reason: string;
}

/** One line of the transcript. */
export interface Line {
  /** Counts up through the whole session, from 0; a line keeps its index. */
  index: number;
  /** What was recognised. */
  text: string;
  /** The recogniser will not change it any more. */
  final: boolean;
  /** Final and stored in the database. */
  settled: boolean;
  /** Where it begins in the session's audio, ms. */
  startMs: number;
  /** Where it ends in the session's audio, ms. */
  endMs: number;
  /** Its words with their times; only where the option `wordTimes` was set and the engine has them. */
  words?: Word[];
}

/** State and numbers of a session. */
export interface VoiceStatus {
  /** The present state. */
  state: VoiceState;
  /** Id of the session, and of its record in the history; empty before `start`. */
  sessionId: string;
  /** Audio recorded so far, ms. */
  recordedMs: number;
  /** Audio that was recorded and that the container has not received yet, ms: 「已缓存 N 秒」. */
  bufferedMs: number;
  /** How far the recogniser is behind the newest audio, ms, as the container told last: 「慢 N 秒」. 0 without a connection. */
  lagMs: number;
  /** Audio that will not be recognised: it left the ring before the container received it. */
  losses: Loss[];
  /** Attempt number while reconnecting, 0 otherwise. */
  attempt: number;
  /**
   * `up`: the container has accepted the session on the present connection; `connecting`: it never has; `down`: that connection is
   * lost. In `stopping` only this tells whether the recording can be saved at the moment.
   */
  link: 'connecting' | 'up' | 'down';
  /** The recogniser has no free stream, and the container waits for one; audio is kept meanwhile. Null otherwise. */
  queue: QueueStatus | null;
}

/** The wait for a free stream of the recogniser: {@link VoiceStatus.queue}. */
export interface QueueStatus {
  /** 1 is the first; null where the container has not said. */
  place: number | null;
  /** Estimated wait, ms; null where the container has not said. */
  waitMs: number | null;
}

/** Options of a recording. The service refuses wrong ones with an error: `BAD_REQUEST`, `BAD_HOTWORDS` or `UNKNOWN_ENGINE`. */
export interface VoiceOptions {
  /** Language and model; it decides the sample rate. Default `16k_zh`. */
  engine?: EngineName;
  /** Words that the recogniser is to expect, at most 128. Default: none. */
  hotwords?: Hotword[];
  /** Whether lines have the times of their words, with an engine that has them. Default false. */
  wordTimes?: boolean;
  /** Pause in the speech that ends a sentence, 500 … 2,000 ms, with an engine that can be told. Default 1,000. */
  silenceMs?: number;
  /** Title of the record, at most 60 characters (UTF-16 units). Default: none. */
  title?: string;
}

/** Events of a {@link VoiceSession}, by name, with their listeners. */
export interface VoiceEvents {
  /** The state has changed. */
  state: (change: StateChange) => void;
  /** The transcript changed; the whole of it, oldest first (the array is replaced, lines are not mutated). */
  lines: (lines: readonly Line[]) => void;
  /** Numbers changed; at most about four times a second. */
  status: (status: VoiceStatus) => void;
  /** Audio was lost that will not be recognised; `status.losses` has all of them. */
  loss: (loss: Loss) => void;
  /** Everything is recognised and stored. */
  completed: (answer: StopAnswer) => void;
  /** An error; the session goes on and recovers, unless its state is `failed`. */
  error: (error: WireError & { code: ErrorCode }) => void;
}

/** The streaming session as pages see it. One object per recording. */
export interface VoiceSession {
  /** State and numbers now. */
  readonly status: VoiceStatus;
  /** The transcript, oldest line first. */
  readonly lines: readonly Line[];
  /** Adds a listener. @returns a function that removes it */
  on<E extends keyof VoiceEvents>(event: E, fn: VoiceEvents[E]): () => void;
  /**
   * Connects and starts. Resolves when the container has accepted the session; audio may be pushed before. A lost connection is made
   * again and does not reject.
   * @throws VoiceError: the service refused; LocalError `SESSION_CLOSED`: it was cancelled or left before
   */
  start(options?: VoiceOptions): Promise<void>;
  /** PCM 16-bit mono at the session's rate, any whole number of samples. Never throws for network reasons. */
  push(pcm: ArrayBuffer): void;
  /**
   * No more audio. Resolves when everything was recognised and stored, however often the network drops meanwhile.
   * @throws VoiceError: the session failed; LocalError `SESSION_CLOSED`: it is not started, or was cancelled or left
   */
  stop(): Promise<StopAnswer>;
  /** Ends the session without keeping anything, neither on the phone nor in the database. */
  cancel(): Promise<void>;
  /** Takes the session back from another device. Only call it when the user asks: two devices could alternate for ever. */
  reclaim(): Promise<void>;
  /** Leaves without ending: the recording is saved on the phone, and `resumePending` delivers it later. */
  dispose(): void;
}
