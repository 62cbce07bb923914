import { ORPHAN_AFTER_MS } from '../../contract/limits.ts';
import { SESSIONS, type SessionRecord } from '../../contract/records.ts';
import { completeSession } from '../../records/complete.ts';
import type { TimerContext } from './define.ts';
import { readableOnly } from './records.ts';
import type { Condition } from './store.ts';

/** A live session whose owner has written nothing for {@link ORPHAN_AFTER_MS}. */
export const isOrphan = (session: Pick<SessionRecord, 'state' | 'updatedAt'>, nowMs: number): boolean =>
  session.state === 'live' && session.updatedAt.getTime() < nowMs - ORPHAN_AFTER_MS;

/**
 * Ends an orphan as `interrupted` and counts it, unless that was done, or its owner wrote to it, meanwhile.
 * @returns the session as it is now; null: purged
 */
export async function completeOrphan(
  sessionId: string,
  { store, nowMs }: TimerContext,
): Promise<SessionRecord | null> {
  const { record } = await completeSession(store.transaction, {
    sessionId,
    state: 'interrupted',
    nowMs,
    orphanedBeforeMs: nowMs - ORPHAN_AFTER_MS,
  });
  return record;
}

/**
 * Ends up to `limit` orphans, of one owner or (`owner` empty) of all users.
 * @param step `endMs`: after this no further one is begun, epoch ms
 * @returns how many
 */
export async function completeOrphans(
  call: TimerContext,
  owner: Condition,
  { limit, endMs = Number.POSITIVE_INFINITY }: { limit: number; endMs?: number },
): Promise<number> {
  const { store, nowMs } = call;
  const found = await store.find<Pick<SessionRecord, '_id'>>(SESSIONS, {
    where: [
      {
        ...owner,
        state: 'live',
        updatedAt: store.command.lt(new Date(nowMs - ORPHAN_AFTER_MS)),
        deletedAt: store.command.eq(null),
      },
      // those that a newer release must end would be found again and again, and leave no room for others
      readableOnly(store),
    ],
    limit,
    fields: ['_id'],
  });
  let ended = 0;
  for (const { _id } of found) {
    if (call.clock.now() >= endMs) break;
    try {
      await completeOrphan(_id, call);
      ended += 1;
    } catch (error) {
      // the others are ended all the same
      call.warn('orphan', error);
    }
  }
  return ended;
}
