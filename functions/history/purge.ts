import { RESTORE_WITHIN_MS } from '../../contract/limits.ts';
import { PAGES, type PageRecord, SESSIONS, type SessionRecord } from '../../contract/records.ts';
import type { TimerCall } from '../shared/define.ts';
import type { Condition } from '../shared/store.ts';

/** Clocks of instances differ: what one could still restore, another must not purge. */
const CLOCK_MARGIN_MS = 5 * 60_000;

export interface PurgeBatch {
  sessions: number;
  /** Pages of sentences of one session that are removed in one step. */
  pages: number;
}

/** Deleted too long ago to be restored. */
const expired = ({ store, nowMs }: TimerCall): Condition => ({
  deletedAt: store.command.lt(new Date(nowMs - RESTORE_WITHIN_MS - CLOCK_MARGIN_MS)),
});
/** Cancelled as long ago: nothing of it is kept. */
const cancelled = ({ store, nowMs }: TimerCall): Condition => ({
  state: 'cancelled',
  updatedAt: store.command.lt(new Date(nowMs - RESTORE_WITHIN_MS - CLOCK_MARGIN_MS)),
});

/** Removes a bounded number of deleted sessions for good. @returns how many were removed */
export const purge = (call: TimerCall, owner: Condition, batch: PurgeBatch): Promise<number> =>
  removeWhere({ ...owner, ...expired(call) }, call, batch);

/** The same for cancelled sessions. */
export const purgeCancelled = (call: TimerCall, batch: PurgeBatch): Promise<number> =>
  removeWhere(cancelled(call), call, batch);

async function removeWhere(condition: Condition, call: TimerCall, batch: PurgeBatch): Promise<number> {
  const found = await call.store.find<Pick<SessionRecord, '_id'>>(SESSIONS, {
    where: condition,
    limit: batch.sessions,
    fields: ['_id'],
  });
  let removed = 0;
  for (const { _id } of found) {
    // pages first: the next run finds a session that is left, but never pages without one
    if (await removePages(_id, call, batch.pages)) {
      removed += await call.store.remove(SESSIONS, { ...condition, _id });
    }
  }
  return removed;
}

/** @returns whether none is left */
async function removePages(sessionId: string, { store }: TimerCall, limit: number): Promise<boolean> {
  const pages = await store.find<Pick<PageRecord, '_id'>>(PAGES, {
    where: { sessionId },
    order: [['firstIndex', 'asc']],
    limit: limit + 1,
    fields: ['_id'],
  });
  const now = pages.slice(0, limit).map(({ _id }) => _id);
  if (now.length > 0) await store.remove(PAGES, { _id: store.command.in(now) });
  return pages.length <= limit;
}
