import type { WireError } from '../../contract/errors.ts';
import type { SampleRate } from '../../contract/limits.ts';
import type { Loss } from '../../contract/records.ts';
import type { StopAnswer } from '../../contract/stream.ts';
import type { During } from './retry.ts';
import type { VoiceOptions } from './voice-session.types.ts';

/** What one recording is, for as long as it lives. */
export interface StreamIdentity {
  sessionId: string;
  clientId: string;
  rateHz: SampleRate;
  options: VoiceOptions;
}

/** What the recording is heading for. Only the first takes audio. */
export type Intent = 'record' | 'stop' | 'cancel';

export interface StreamHandlers {
  /** The container took the session on this connection. */
  taken(): void;
  /** All is recognised and stored. */
  ended(answer: StopAnswer): void;
  cancelled(): void;
  /** The container said no; dial again or give up, as the code says. */
  refused(error: WireError, during: During): void;
  /** The instance goes away within `deadlineMs`. */
  leaving(deadlineMs: number): void;
  /** This connection is of no use. */
  broken(reason: string): void;
  /** The container goes on by itself, but people may want to know. */
  noted(error: WireError): void;
  /** Something moved on. */
  worked(): void;
  linesChanged(): void;
  numbersChanged(): void;
  lost(loss: Loss): void;
}
