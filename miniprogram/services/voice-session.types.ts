import type { EngineName } from '../../contract/engines.ts';
import type { ErrorCode, WireError } from '../../contract/errors.ts';
import type { Loss } from '../../contract/records.ts';
import type { Hotword, StopAnswer, Word } from '../../contract/stream.ts';

/**
 * `idle` → `connecting` → `live` ⇄ `reconnecting` → `stopping` → `ended`, or `failed` from anywhere.
 * Audio is taken in `connecting`, `live` and `reconnecting`; what cannot be sent yet is kept in the ring.
 */
export type VoiceState = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'stopping' | 'ended' | 'failed';

export interface StateChange {
  old: VoiceState;
  new: VoiceState;
  /** `start`, `started`, `lost:<disconnect reason>`, `resumed`, `draining`, `stop`, `completed`, `cancel`, `error:<code>`, `take-over`. */
  reason: string;
}

/** One line of the transcript. */
export interface Line {
  index: number;
  text: string;
  /** The recogniser will not change it any more. */
  final: boolean;
  /** Final and stored in the database. */
  settled: boolean;
  startMs: number;
  endMs: number;
  words?: Word[];
}

export interface VoiceStatus {
  state: VoiceState;
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

/** @see VoiceStatus.queue */
export interface QueueStatus {
  /** 1 is the first; null where the container has not said. */
  place: number | null;
  /** Estimated wait, ms; null where the container has not said. */
  waitMs: number | null;
}

export interface VoiceOptions {
  engine?: EngineName;
  hotwords?: Hotword[];
  wordTimes?: boolean;
  silenceMs?: number;
  title?: string;
}

export interface VoiceEvents {
  state: (change: StateChange) => void;
  /** The transcript changed; the whole of it, oldest first (the array is replaced, lines are not mutated). */
  lines: (lines: readonly Line[]) => void;
  /** Numbers changed; at most about four times a second. */
  status: (status: VoiceStatus) => void;
  loss: (loss: Loss) => void;
  completed: (answer: StopAnswer) => void;
  error: (error: WireError & { code: ErrorCode }) => void;
}

/** The streaming session as pages see it. One object per recording. */
export interface VoiceSession {
  readonly status: VoiceStatus;
  readonly lines: readonly Line[];
  on<E extends keyof VoiceEvents>(event: E, fn: VoiceEvents[E]): () => void;
  /** Connects and starts. Resolves when the container has accepted the session; audio may be pushed before. */
  start(options?: VoiceOptions): Promise<void>;
  /** PCM 16-bit mono at the session's rate, any whole number of samples. Never throws for network reasons. */
  push(pcm: ArrayBuffer): void;
  /** No more audio. Resolves when everything was recognised and stored, however often the network drops meanwhile. */
  stop(): Promise<StopAnswer>;
  /** Ends the session without keeping anything, neither on the phone nor in the database. */
  cancel(): Promise<void>;
  /** Takes the session back from another device. Only call it when the user asks: two devices could alternate for ever. */
  reclaim(): Promise<void>;
  /** Leaves without ending: the recording is saved on the phone, and `resumePending` delivers it later. */
  dispose(): void;
}
