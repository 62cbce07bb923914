import type * as v from 'valibot';
import { VoiceError } from '../../contract/errors.ts';
import type { HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import { RESTORE_WITHIN_MS } from '../../contract/limits.ts';
import { SESSIONS, type SessionRecord } from '../../contract/records.ts';
import { completeInTransaction } from '../../records/complete.ts';
import { checkReadable, upgraded } from '../../records/schema-version.ts';
import { addToStats } from '../../records/stats.ts';
import { ownedBy } from '../shared/caller.ts';
import type { CallContext } from '../shared/define.ts';
import { retryOptimistic, sessionOf, visibleSessions } from './sessions.ts';

/**
 * Sets the title; possible in any state, also while the session streams. Conditional on the title that it replaces, so that a
 * request that arrives after its repeat does not bring an old title back.
 * @throws VoiceError NOT_FOUND, CONFLICT
 */
export async function rename(
  { sessionId, title }: v.InferOutput<typeof HISTORY_ACTIONS.rename>,
  call: CallContext,
): Promise<HistoryAnswers['rename']> {
  await retryOptimistic(call, async () => {
    const session = await sessionOf(sessionId, call, ['_id', 'title']);
    if (session.title === title) return true;
    const where = { ...visibleSessions(call), _id: sessionId, title: session.title };
    return (await call.store.update(SESSIONS, where, { title })) > 0 || null;
  });
  return { sessionId, title };
}

/**
 * Deletes a session; it can be restored for 24 hours. Under the raised epoch a stream that is still writing is refused;
 * what the statistics already count stays. Repeated, it gives the same answer. Conditional on the epoch as read: a request
 * that arrives after its repeat, and after a restoration, deletes nothing.
 * @throws VoiceError NOT_FOUND, CONFLICT
 */
export async function remove(
  { sessionId }: v.InferOutput<typeof HISTORY_ACTIONS.delete>,
  call: CallContext,
): Promise<HistoryAnswers['delete']> {
  const { store, nowMs } = call;
  const deletedMs = await retryOptimistic(call, async () => {
    const [found] = await store.find<Pick<SessionRecord, 'epoch' | 'state' | 'deletedAt'>>(SESSIONS, {
      where: { ...ownedBy(call.caller), _id: sessionId },
      limit: 1,
      fields: ['epoch', 'state', 'deletedAt'],
    });
    if (found?.deletedAt) return found.deletedAt.getTime();
    if (!found || found.state === 'cancelled') throw new VoiceError('NOT_FOUND');
    const { epoch } = found;
    const where = { ...visibleSessions(call), _id: sessionId, epoch };
    const changed = await store.update(SESSIONS, where, { deletedAt: new Date(nowMs), epoch: epoch + 1 });
    return changed > 0 ? nowMs : null;
  });
  return { sessionId, restorableUntil: deletedMs + RESTORE_WITHIN_MS };
}

/**
 * Restores a deleted session, and raises its epoch. One that was live then has lost its stream: it becomes `interrupted`, and is counted
 * now, as is one that ended uncounted while it was deleted.
 */
export async function restore(
  { sessionId }: v.InferOutput<typeof HISTORY_ACTIONS.restore>,
  { caller, store, nowMs }: CallContext,
): Promise<HistoryAnswers['restore']> {
  const { _openid } = ownedBy(caller);
  await store.transaction(async (tx) => {
    const stored = await tx.get<object>(SESSIONS, sessionId);
    const found = stored && upgraded(SESSIONS, stored);
    if (!found || found._openid !== _openid || found.state === 'cancelled') throw new VoiceError('NOT_FOUND');
    if (!found.deletedAt) return;
    if (found.deletedAt.getTime() <= nowMs - RESTORE_WITHIN_MS) throw new VoiceError('NOT_FOUND');
    checkReadable(found);
    await tx.update(SESSIONS, sessionId, { deletedAt: null, epoch: found.epoch + 1 });
    const { record, outcome } = await completeInTransaction(tx, { sessionId, state: 'interrupted', nowMs });
    if (outcome === 'already' && record && !record.counted) {
      await tx.update(SESSIONS, sessionId, { counted: await addToStats(tx, record, nowMs) });
    }
  });
  return { sessionId };
}
