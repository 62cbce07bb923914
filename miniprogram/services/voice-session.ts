import { sessionDeps } from './app-services.ts';
import { type PendingOutcome, resumePending as resume } from './pending.ts';
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

let resuming: Promise<PendingOutcome[]> | null = null;

/**
 * Delivers recordings that an earlier run of the app has saved. For `App.onLaunch` and `onShow`: a call while an earlier one
 * runs returns that one's promise.
 */
export function resumePending(): Promise<PendingOutcome[]> {
  resuming ??= resume(sessionDeps()).finally(() => {
    resuming = null;
  });
  return resuming;
}
