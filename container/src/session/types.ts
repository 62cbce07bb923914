import type { StartAnswer } from '../../../contract/stream.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { ConnectAsr } from '../asr/types.ts';
import type { Health } from '../health.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { DatabaseBudget } from '../store/database-budget.ts';
import type { SessionStore } from '../store/types.ts';
import type { UpstreamAdmission } from '../upstream/admission.ts';
import type { RelayRules } from '../upstream/rules.ts';

export interface SessionDeps {
  connect: ConnectAsr;
  store: SessionStore;
  budget: DatabaseBudget;
  admission: UpstreamAdmission;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  /** Makes an id that no other call ever returns. */
  newId: () => string;
  log: Log;
  metrics: Metrics;
  health: Health;
  relayRules?: RelayRules;
  /** Whether checkpoints are set within open sentences; default true. */
  sentenceCheckpoints?: boolean;
}

/** A socket's start: its answer, and what to call once that was sent. */
export interface AttachResult {
  answer: StartAnswer;
  resendMissed: () => void;
}
