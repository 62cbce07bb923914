import type * as v from 'valibot';
import { VoiceError } from '../../contract/errors.ts';
import type { HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import { RESTORE_WITHIN_MS } from '../../contract/limits.ts';
import { SESSIONS, type SessionRecord } from '../../contract/records.ts';
import { isReadable } from '../../records/schema-version.ts';
import { ownedBy } from '../shared/caller.ts';
import type { CallContext } from '../shared/define.ts';
import { findRecords } from '../shared/records.ts';
import type { Condition } from '../shared/store.ts';
import { restore } from './change.ts';
import { retryOptimistic } from './sessions.ts';

type Found = Pick<SessionRecord, '_id' | 'epoch' | 'state' | 'deletedAt' | 'counted'> & {
  oldestReader: number;
};

/** Those of the caller's sessions that exist, in one request. Cancelled ones do not, as everywhere. */
const sessionsOf = async (ids: readonly string[], { caller, store }: CallContext): Promise<Found[]> => {
  const found = await findRecords(store, SESSIONS, {
    where: { ...ownedBy(caller), _id: store.command.in([...ids]) },
    limit: ids.length,
    fields: ['_id', 'epoch', 'state', 'deletedAt', 'counted'],
  });
  return found.filter(({ state }) => state !== 'cancelled');
};

/** Changes all of them in one write, each only where its epoch is still as read. @returns how many were changed */
const updateAll = (
  sessions: readonly Found[],
  patch: Condition,
  { caller, store }: CallContext,
): Promise<number> => {
  const { command } = store;
  const unchanged = sessions.map(({ _id, epoch }) => ({ _id, epoch }));
  // an index is sure to be used only for a condition that stands beside the alternatives
  const those = { ...ownedBy(caller), _id: command.in(sessions.map(({ _id }) => _id)) };
  const where = command.and(those, command.or(...unchanged)) as unknown as Condition;
  return store.update(SESSIONS, where, { ...patch, epoch: command.inc(1) });
};

/**
 * Deletes several sessions, each as `delete` does: three requests to the database, however many they are.
 * @throws VoiceError CONFLICT
 */
export async function removeMany(
  { sessionIds }: v.InferOutput<typeof HISTORY_ACTIONS.deleteMany>,
  call: CallContext,
): Promise<HistoryAnswers['deleteMany']> {
  const wanted = [...new Set(sessionIds)];
  const found = await retryOptimistic(call, async () => {
    const sessions = await sessionsOf(wanted, call);
    const shown = sessions.filter(({ deletedAt }) => deletedAt === null);
    if (shown.length === 0) return sessions;
    const changed = await updateAll(shown, { deletedAt: new Date(call.nowMs) }, call);
    // where not all were as read, they are read again; those that this call has deleted are found deleted then
    return changed === shown.length ? sessions : null;
  });
  const deletedMs = new Map(found.map(({ _id, deletedAt }) => [_id, deletedAt?.getTime() ?? call.nowMs]));
  return {
    deleted: [...deletedMs].map(([sessionId, ms]) => ({
      sessionId,
      restorableUntil: ms + RESTORE_WITHIN_MS,
    })),
    missing: wanted.filter((id) => !deletedMs.has(id)),
  };
}

/**
 * Restores several sessions, each as `restore` does. Those that had ended and are counted need one write together; another, whose stream
 * was cut off by the deletion, a transaction of its own.
 * @throws VoiceError CONFLICT, RECORD_TOO_NEW
 */
export async function restoreMany(
  { sessionIds }: v.InferOutput<typeof HISTORY_ACTIONS.restoreMany>,
  call: CallContext,
): Promise<HistoryAnswers['restoreMany']> {
  const wanted = [...new Set(sessionIds)];
  const oldestMs = call.nowMs - RESTORE_WITHIN_MS;
  const sessions = await retryOptimistic(call, async () => {
    const restorable = (await sessionsOf(wanted, call)).filter(
      ({ deletedAt }) => deletedAt === null || deletedAt.getTime() > oldestMs,
    );
    const simple = restorable.filter((session) => session.deletedAt !== null && isSimple(session));
    if (simple.length === 0) return restorable;
    return (await updateAll(simple, { deletedAt: null }, call)) === simple.length ? restorable : null;
  });
  const restored: string[] = [];
  for (const session of sessions) {
    const isDone = session.deletedAt === null || isSimple(session);
    if (isDone || (await restoreOne(session._id, call))) restored.push(session._id);
  }
  return { restored, missing: wanted.filter((id) => !restored.includes(id)) };
}

/** Nothing of it changes but that it is shown again. */
const isSimple = (session: Found): boolean =>
  isReadable(session) && session.state !== 'live' && session.counted !== null;

/** @returns false: it is gone meanwhile */
async function restoreOne(sessionId: string, call: CallContext): Promise<boolean> {
  try {
    await restore({ action: 'restore', sessionId }, call);
    return true;
  } catch (error) {
    if (error instanceof VoiceError && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}
