import { PREVIEW_CHARS } from '../contract/limits.ts';
import { countChars, SESSIONS, type Sentence, type SessionRecord } from '../contract/records.ts';
import type { RecordsTx, RunTransaction } from './port.ts';
import { addToStats } from './stats.ts';

export interface CompleteRequest {
  sessionId: string;
  state: 'completed' | 'interrupted';
  nowMs: number;
  /** Only while the session is live under this epoch (its owner asks). */
  epoch?: number;
  /** Only while the session is live and its heartbeat is older than this, epoch ms (somebody else asks). */
  orphanedBeforeMs?: number;
  /** Fields that are set in the same step. */
  patch?: Partial<Pick<SessionRecord, 'samples' | 'committedPos' | 'losses'>>;
}

export interface CompleteAnswer {
  /** `already`: it had ended before. `fenced`: live, but not the asker's to end. */
  outcome: 'completed' | 'already' | 'fenced' | 'missing';
  /** The session as it is now. */
  record: SessionRecord | null;
}

/** The fields that change when one more sentence is added at the session's end. */
export const sentenceAdded = (session: SessionRecord, sentence: Sentence) => ({
  nextIndex: session.nextIndex + 1,
  sentenceCount: session.sentenceCount + 1,
  charCount: session.charCount + countChars(sentence.text),
  preview: (session.preview + sentence.text).slice(0, PREVIEW_CHARS),
  sentences: { ...session.sentences, [session.nextIndex]: sentence },
});

/**
 * Ends a live session and counts it, in one transaction: whoever asks, and however often and at whatever moment,
 * it is counted once. A sentence that is unsettled then is kept as heard so far.
 * A deleted session is ended without being counted.
 */
export const completeSession = (run: RunTransaction, request: CompleteRequest): Promise<CompleteAnswer> =>
  run((tx) => completeInTransaction(tx, request));

/** The same inside a transaction that does more. */
export async function completeInTransaction(
  tx: RecordsTx,
  request: CompleteRequest,
): Promise<CompleteAnswer> {
  const found = await tx.get<SessionRecord>(SESSIONS, request.sessionId);
  if (!found) return { outcome: 'missing', record: null };
  if (found.state !== 'live') return { outcome: 'already', record: found };
  const owned = request.epoch === undefined || found.epoch === request.epoch;
  const orphaned =
    request.orphanedBeforeMs === undefined || found.updatedAt.getTime() < request.orphanedBeforeMs;
  if (!owned || !orphaned) return { outcome: 'fenced', record: found };

  const orphan = request.epoch === undefined;
  const patch: Partial<SessionRecord> = {
    ...(found.pending && { ...sentenceAdded(found, found.pending), promotedIndex: found.nextIndex }),
    ...request.patch,
    state: request.state,
    // a raised epoch: an owner that was only slow finds out with its next write
    epoch: orphan ? found.epoch + 1 : found.epoch,
    pending: null,
    endedAt: new Date(request.nowMs),
    updatedAt: new Date(request.nowMs),
  };
  const ended: SessionRecord = { ...found, ...patch };
  if (!ended.deletedAt) patch.counted = await addToStats(tx, ended, request.nowMs);
  await tx.update(SESSIONS, ended._id, patch);
  return { outcome: 'completed', record: { ...ended, ...patch } };
}
