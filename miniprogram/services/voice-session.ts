import { type PendingOutcome, resumePending as resume } from './pending.ts';
import { StreamingSession, type VoiceSessionDeps } from './streaming-session.ts';
import type { VoiceSession } from './voice-session.types.ts';
import { sessionDeps } from './wiring.ts';

/**
 * A recording, ready to start; one object per recording.
 * @param deps what is not given is WeChat's own
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
 * Finishes recordings that an earlier run of the app could not deliver. For `App.onLaunch` and `onShow`: while one
 * round runs, a second call joins it.
 */
export function resumePending(): Promise<PendingOutcome[]> {
  resuming ??= resume(sessionDeps()).finally(() => {
    resuming = null;
  });
  return resuming;
}
