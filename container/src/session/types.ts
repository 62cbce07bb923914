import type { StartAnswer } from '../../../contract/stream.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { ConnectAsr } from '../asr/types.ts';
import type { Log } from '../log.ts';
import type { SessionStore } from '../store/types.ts';
import type { WriteQueue } from '../store/write-queue.ts';
import type { RelayRules } from '../upstream/rules.ts';

/** A socket's start: its answer, and what to call once that was sent. */
export interface Attached {
  answer: StartAnswer;
  resendMissed: () => void;
}

export interface SessionDeps {
  connect: ConnectAsr;
  store: SessionStore;
  queue: WriteQueue;
  clock: Clock;
  log: Log;
  relayRules?: RelayRules;
  /** Forced sentence end, ms; undefined: the recogniser's own default. */
  asrMaxSpeakMs?: number | undefined;
}
