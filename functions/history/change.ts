import type * as v from 'valibot';
import { VoiceError } from '../../contract/errors.ts';
import type { HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import { RESTORE_WITHIN_MS } from '../../contract/limits.ts';
import { SESSIONS, type SessionRecord } from '../../contract/records.ts';
import { completeInTransaction } from '../../records/complete.ts';
import { addToStats } from '../../records/stats.ts';
import { ownedBy } from '../shared/caller.ts';
import type { Call } from '../shared/define.ts';
import { sessionOf, visibleSessions } from './sessions.ts';

/** Sets the title; possible in any state, also while the session streams. */
export async function rename(
  { sessionId, title }: v.InferOutput<typeof HISTORY_ACTIONS.rename>,
  call: Call,
): Promise<HistoryAnswers['rename']> {
  const changed = await call.store.update(SESSIONS, { ...visibleSessions(call), _id: sessionId }, { title });
  // nothing changed: the title was the same, or there is no such session
  if (changed === 0) await sessionOf(sessionId, call, ['_id']);
  return { sessionId, title };
}

/**
 * Deletes a session; it can be restored for 24 hours. Under the raised epoch a stream that is still writing is refused;
 * what the statistics already count stays. Repeated, it gives the same answer.
 */
export async function remove(
  { sessionId }: v.InferOutput<typeof HISTORY_ACTIONS.delete>,
  call: Call,
): Promise<HistoryAnswers['delete']> {
  const { store, nowMs } = call;
  const changed = await store.update(
    SESSIONS,
    { ...visibleSessions(call), _id: sessionId },
    { deletedAt: new Date(nowMs), epoch: store.command.inc(1) },
  );
  if (changed > 0) return { sessionId, restorableUntil: nowMs + RESTORE_WITHIN_MS };
  const [found] = await store.find<Pick<SessionRecord, 'deletedAt'>>(SESSIONS, {
    where: { ...ownedBy(call.caller), _id: sessionId },
    limit: 1,
    fields: ['deletedAt'],
  });
  if (!found?.deletedAt) throw new VoiceError('NOT_FOUND');
  return { sessionId, restorableUntil: found.deletedAt.getTime() + RESTORE_WITHIN_MS };
}

/**
 * Restores a deleted session. One that was live then has lost its stream: it becomes `interrupted`, and is counted
 * now, as is one that ended uncounted while it was deleted.
 */
export async function restore(
  { sessionId }: v.InferOutput<typeof HISTORY_ACTIONS.restore>,
  { caller, store, nowMs }: Call,
): Promise<HistoryAnswers['restore']> {
  const { _openid } = ownedBy(caller);
  await store.transaction(async (tx) => {
    const found = await tx.get<SessionRecord>(SESSIONS, sessionId);
    if (!found || found._openid !== _openid || found.state === 'cancelled') throw new VoiceError('NOT_FOUND');
    if (!found.deletedAt) return;
    if (found.deletedAt.getTime() <= nowMs - RESTORE_WITHIN_MS) throw new VoiceError('NOT_FOUND');
    await tx.update(SESSIONS, sessionId, { deletedAt: null });
    const { record, outcome } = await completeInTransaction(tx, { sessionId, state: 'interrupted', nowMs });
    if (outcome === 'already' && record && !record.counted) {
      await tx.update(SESSIONS, sessionId, { counted: await addToStats(tx, record, nowMs) });
    }
  });
  return { sessionId };
}
