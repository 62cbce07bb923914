import { RESTORE_WITHIN_MS } from '../../contract/limits.ts';
import { PAGES, type PageRecord, SESSIONS, type SessionRecord } from '../../contract/records.ts';
import type { TimerCall } from '../shared/define.ts';
import { completeOrphans } from '../shared/orphans.ts';
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
const purgeCancelled = (call: TimerCall, batch: PurgeBatch): Promise<number> =>
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

/** What one step does at most; between steps other calls reach the database. */
const ORPHANS_A_STEP = 20;
const PURGE_A_STEP = { sessions: 20, pages: 100 } as const;
/** A run ends before the function's own limit of 30 s; the next run does the rest. */
const RUN_MS = 15_000;

export interface CleanUpCounts {
  orphans: number;
  purged: number;
  cancelled: number;
}

/** Timer `purge`, for all users: ends orphans, removes what was deleted too long ago to be restored. */
export async function cleanUp(call: TimerCall): Promise<CleanUpCounts> {
  const done: CleanUpCounts = { orphans: 0, purged: 0, cancelled: 0 };
  const endMs = call.clock.now() + RUN_MS;
  for (let busy = true; busy && call.clock.now() < endMs; ) {
    const orphans = await completeOrphans(call, {}, ORPHANS_A_STEP);
    const purged = await purge(call, {}, PURGE_A_STEP);
    const cancelled = await purgeCancelled(call, PURGE_A_STEP);
    done.orphans += orphans;
    done.purged += purged;
    done.cancelled += cancelled;
    busy = orphans + purged + cancelled > 0;
  }
  return done;
}
