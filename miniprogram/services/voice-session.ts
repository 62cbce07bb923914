import { sessionDeps } from './app-services.ts';
import type { PendingOutcome } from './pending.ts';
import { PendingRecordings } from './pending-recordings.ts';
import { StreamingSession, type VoiceSessionDeps } from './streaming-session.ts';
import type { VoiceSession } from './voice-session.types.ts';

/**
 * A recording, ready to start; one object per recording.
 * @param deps replace WeChat's implementations
 * @example
 * const session = createVoiceSession();
 * session.on('lines', (lines) => page.setData({ lines }));
 * await session.start({ engine: '16k_zh' });
 * recorder.on('frame', (pcm) => session.push(pcm));
 * const { sentences } = await session.stop();
 */
export const createVoiceSession = (deps: Partial<VoiceSessionDeps> = {}): VoiceSession =>
  new StreamingSession({ ...sessionDeps(), ...deps });

let pending: PendingRecordings | null = null;

/** The recordings on this phone that are not delivered yet. */
export function pendingRecordings(): PendingRecordings {
  pending ??= new PendingRecordings(sessionDeps());
  return pending;
}

/**
 * Delivers recordings that an earlier run of the app has saved. For `App.onLaunch` and `onShow`: a call while an earlier one
 * runs returns that one's promise.
 */
export const resumePending = (): Promise<PendingOutcome[]> => pendingRecordings().resume();
