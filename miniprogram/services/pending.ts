import type { VoiceError } from '../../contract/errors.ts';
import { REOPEN_WITHIN_MS, samplesToMs } from '../../contract/limits.ts';
import type { StopAnswer } from '../../contract/stream.ts';
import { LocalError } from './local-errors.ts';
import { NOTHING_TO_DELIVER } from './retry.ts';
import {
  readSavedRecording,
  removeSavedRecording,
  type SavedRecording,
  type Store,
  savedRecordingIds,
} from './saved-recordings.ts';
import { StreamingSession, type VoiceSessionDeps } from './streaming-session.ts';

/** A recording that is not delivered yet waits at most this long for the network, ms; then it stays for the next time. */
const GIVE_UP_AFTER_MS = 120_000;

/** What became of a recording of an earlier run of the app. */
export interface PendingOutcome {
  sessionId: string;
  title: string;
  /** Length of the recording, ms. */
  recordedMs: number;
  /**
   * `delivered`: everything is recognised and stored; `cancelled`: it was thrown away, as had been asked; `gone`: it can
   * not be delivered any more (`error`: why) and is deleted; `kept`: it stays on the phone for the next time.
   */
  result: 'delivered' | 'cancelled' | 'gone' | 'kept';
  answer?: StopAnswer;
  error?: VoiceError | LocalError;
}

export interface ResumeOptions {
  giveUpAfterMs?: number;
}

/**
 * Finishes what an earlier run of the app could not: resumes each saved recording, sends what is missing, and stops it. One
 * after the other; recordings that a session has in hand now are left alone. Where one fails, the others go on.
 */
export async function resumePending(
  deps: VoiceSessionDeps,
  { giveUpAfterMs = GIVE_UP_AFTER_MS }: ResumeOptions = {},
): Promise<PendingOutcome[]> {
  const { store, active } = deps;
  const outcomes: PendingOutcome[] = [];
  for (const sessionId of store ? await savedRecordingIds(store) : []) {
    if (!store || active.has(sessionId)) continue;
    const saved = await readSavedRecording(store, sessionId);
    if (saved) outcomes.push(await finish(deps, store, saved, giveUpAfterMs));
    else await removeSavedRecording(store, sessionId);
  }
  return outcomes;
}

async function finish(
  deps: VoiceSessionDeps,
  store: Store,
  saved: SavedRecording,
  giveUpAfterMs: number,
): Promise<PendingOutcome> {
  const { sessionId, options, rateHz, endPos, intent, savedAt } = saved.snapshot;
  const recordedMs = samplesToMs(endPos, rateHz);
  const outcome = { sessionId, title: options.title ?? '', recordedMs };
  if (deps.clock.now() - savedAt > REOPEN_WITHIN_MS) {
    await removeSavedRecording(store, sessionId);
    return { ...outcome, result: 'gone', error: new LocalError('TOO_OLD') };
  }
  const session = StreamingSession.restored(deps, saved);
  const cancelTimer = deps.clock.after(giveUpAfterMs, () => session.dispose());
  try {
    if (intent === 'cancel') {
      await session.cancel();
      return { ...outcome, result: 'cancelled' };
    }
    return { ...outcome, result: 'delivered', answer: await session.stop() };
  } catch (thrown) {
    const error = thrown as VoiceError | LocalError;
    const gone = !(error instanceof LocalError) && NOTHING_TO_DELIVER.has(error.code);
    session.dispose();
    return { ...outcome, result: gone ? 'gone' : 'kept', error };
  } finally {
    cancelTimer();
  }
}
