import type { StopAnswer } from '../../../contract/stream.ts';
import type { RecorderState } from '../recorder/recorder.types.ts';
import type { AnyErrorCode } from '../session/local-errors.ts';
import type { VoiceStatus } from '../session/voice-session.types.ts';

/** Everything that pages show of a recording except the transcript. */
export interface RecordingSnapshot {
  /** State of the microphone. */
  recorder: RecorderState;
  /** State and numbers of the session. */
  session: VoiceStatus;
  /** `stop` was called. */
  stopping: boolean;
  /** It ended before any sound was recorded, and nothing of it is kept. */
  discarded: boolean;
  /** The newest error: why the session failed, or one that it still has to recover from. Null once it has recovered. */
  error: AnyErrorCode | null;
  /** The stored result; null until everything is recognised and stored. */
  answer: StopAnswer | null;
}

/** `stopping`: no sound is recorded any more, and the recording is not stored yet. */
export type Phase = 'idle' | 'starting' | 'recording' | 'paused' | 'stopping' | 'done' | 'failed';

/** The phase that a snapshot is in. */
export function phaseOf({ recorder, session, stopping, discarded, answer }: RecordingSnapshot): Phase {
  if (answer !== null) return 'done';
  if (discarded) return 'idle';
  if (recorder.name === 'failed' || session.state === 'failed') return 'failed';
  // Also without `stopping`: a recording that had failed while it was saved is tried again.
  if (stopping || recorder.name === 'stopped') return 'stopping';
  if (recorder.name === 'paused') return 'paused';
  if (recorder.name === 'recording') return 'recording';
  return recorder.name === 'idle' ? 'idle' : 'starting';
}

/** The microphone is, or may become, open: another recording cannot have it. */
export const isRunning = (phase: Phase): boolean =>
  phase === 'starting' || phase === 'recording' || phase === 'paused';
