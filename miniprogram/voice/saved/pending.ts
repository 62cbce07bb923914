import type { VoiceError } from '../../../contract/errors.ts';
import { REOPEN_WITHIN_MS, samplesToMs } from '../../../contract/limits.ts';
import type { StopAnswer } from '../../../contract/stream.ts';
import { LocalError } from '../session/local-errors.ts';
import { UNRECOVERABLE_CODES } from '../session/retry.ts';
import { StreamingSession, type VoiceSessionDeps } from '../session/streaming-session.ts';
import {
  type FileStore,
  readSavedRecording,
  removeSavedRecording,
  type SavedRecording,
  savedRecordingIds,
} from './saved-recordings.ts';

/** A saved recording that cannot be delivered within this time, ms, stays saved until the next call. */
const GIVE_UP_AFTER_MS = 120_000;

/** Result of delivering a recording that an earlier run of the app has saved. */
export interface PendingOutcome {
  /** Id of the recording's session. */
  sessionId: string;
  /** Empty where the user gave none. */
  title: string;
  /** Length of the recording, ms. */
  recordedMs: number;
  /**
   * `delivered`: everything is recognised and stored; `cancelled`: it was cancelled, as the user had asked; `undeliverable`: it
   * cannot be delivered any more (`error`: why) and is deleted; `pending`: it stays on the phone for the next call.
   */
  result: 'delivered' | 'cancelled' | 'undeliverable' | 'pending';
  /** Of `delivered`: the stored result. */
  answer?: StopAnswer;
  /** Of `undeliverable` and `pending`: why. */
  error?: VoiceError | LocalError;
}

/** How far the recording is that is being delivered. */
export interface PendingProgress {
  /** Id of the recording's session. */
  sessionId: string;
  /** Audio that the container has not received yet, ms; 0: it waits for the last sentences. */
  remainingMs: number;
}

export interface ResumeOptions {
  giveUpAfterMs?: number;
  onProgress?: (progress: PendingProgress) => void;
}

/**
 * Delivers the recordings that earlier runs of the app have saved: resumes each, sends what is missing, and stops it. One after
 * the other; recordings of sessions that are active now are skipped. A failure of one does not affect the others.
 */
export async function resumePending(
  deps: VoiceSessionDeps,
  { giveUpAfterMs = GIVE_UP_AFTER_MS, onProgress = () => {} }: ResumeOptions = {},
): Promise<PendingOutcome[]> {
  const { store, active } = deps;
  const outcomes: PendingOutcome[] = [];
  for (const sessionId of store ? await savedRecordingIds(store) : []) {
    if (!store || active.has(sessionId)) continue;
    const saved = await readSavedRecording(store, sessionId);
    if (saved) outcomes.push(await finish(deps, store, saved, { giveUpAfterMs, onProgress }));
    else await removeSavedRecording(store, sessionId);
  }
  return outcomes;
}

async function finish(
  deps: VoiceSessionDeps,
  store: FileStore,
  saved: SavedRecording,
  { giveUpAfterMs, onProgress }: Required<ResumeOptions>,
): Promise<PendingOutcome> {
  const { sessionId, options, rateHz, endPos, intent, savedAt } = saved.snapshot;
  const recordedMs = samplesToMs(endPos, rateHz);
  const outcome = { sessionId, title: options.title ?? '', recordedMs };
  if (deps.clock.now() - savedAt > REOPEN_WITHIN_MS) {
    await removeSavedRecording(store, sessionId);
    return { ...outcome, result: 'undeliverable', error: new LocalError('TOO_OLD') };
  }
  const session = StreamingSession.restored(deps, saved);
  const tell = () => onProgress({ sessionId, remainingMs: session.status.bufferedMs });
  tell();
  session.on('status', tell);
  const cancelTimer = deps.clock.after(giveUpAfterMs, () => session.dispose());
  try {
    if (intent === 'cancel') {
      await session.cancel();
      return { ...outcome, result: 'cancelled' };
    }
    return { ...outcome, result: 'delivered', answer: await session.stop() };
  } catch (thrown) {
    const error = thrown as VoiceError | LocalError;
    const undeliverable = !(error instanceof LocalError) && UNRECOVERABLE_CODES.has(error.code);
    session.dispose();
    return { ...outcome, result: undeliverable ? 'undeliverable' : 'pending', error };
  } finally {
    cancelTimer();
  }
}
