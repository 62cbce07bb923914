import { RESTORE_WITHIN_MS, UPLOAD_KEPT_MS } from '../../contract/limits.ts';
import { PAGES, type PageRecord, SESSIONS, type SessionRecord } from '../../contract/records.ts';
import type { TimerContext } from '../shared/define.ts';
import { completeOrphans } from '../shared/orphans.ts';
import type { Condition } from '../shared/store.ts';
import { deleteUploads } from '../shared/uploads.ts';

/** Clocks of instances differ: what one could still restore, another must not purge. */
const CLOCK_MARGIN_MS = 5 * 60_000;

export interface PurgeBatch {
  sessions: number;
  /** Pages of sentences of one session that are removed in one step. */
  pages: number;
  /** After this no further session is begun, epoch ms. */
  endMs?: number;
}

/** Deleted too long ago to be restored. */
const expired = ({ store, nowMs }: TimerContext): Condition => ({
  deletedAt: store.command.lt(new Date(nowMs - RESTORE_WITHIN_MS - CLOCK_MARGIN_MS)),
});
/** Cancelled as long ago: nothing of it is kept. */
const cancelled = ({ store, nowMs }: TimerContext): Condition => ({
  state: 'cancelled',
  updatedAt: store.command.lt(new Date(nowMs - RESTORE_WITHIN_MS - CLOCK_MARGIN_MS)),
});

interface Purged {
  sessions: number;
  pages: number;
  /** Uploaded audio. */
  files: number;
}

/** Uploads that nobody had recognised, or reported as kept, in time. */
const unused = ({ store, nowMs }: TimerContext): Condition => ({
  preparedAt: store.command.lt(new Date(nowMs - UPLOAD_KEPT_MS)),
});

/** Removes a bounded number of deleted sessions for good. */
export const purge = (call: TimerContext, owner: Condition, batch: PurgeBatch): Promise<Purged> =>
  removeWhere({ ...owner, ...expired(call) }, call, batch);

/** The same for cancelled sessions. */
const purgeCancelled = (call: TimerContext, batch: PurgeBatch): Promise<Purged> =>
  removeWhere(cancelled(call), call, batch);

async function removeWhere(condition: Condition, call: TimerContext, batch: PurgeBatch): Promise<Purged> {
  const found = await call.store.find<Pick<SessionRecord, '_id'>>(SESSIONS, {
    where: condition,
    limit: batch.sessions,
    fields: ['_id'],
  });
  const done: Purged = { sessions: 0, pages: 0, files: 0 };
  const { endMs = Number.POSITIVE_INFINITY } = batch;
  for (const { _id } of found) {
    if (call.clock.now() >= endMs) break;
    // pages and audio first: the next run finds a session that is left, but never pages or audio without one
    const { removed, isLast } = await removePages(_id, call, batch.pages);
    done.pages += removed;
    const files = isLast ? await removeAudio(_id, call) : null;
    done.files += files ?? 0;
    if (files === 0) done.sessions += await call.store.remove(SESSIONS, { ...condition, _id });
  }
  return done;
}

/** @returns files of one step; 0: none is left; null: they could not be deleted now, others' sessions are removed all the same */
const removeAudio = (sessionId: string, call: TimerContext): Promise<number | null> =>
  deleteUploads({ sessionId }, call).catch((error) => {
    call.warn('audio', error);
    return null;
  });

/** @returns `isLast`: no page is left */
async function removePages(
  sessionId: string,
  { store }: TimerContext,
  limit: number,
): Promise<{ removed: number; isLast: boolean }> {
  const pages = await store.find<Pick<PageRecord, '_id'>>(PAGES, {
    where: { sessionId },
    order: [['firstIndex', 'asc']],
    limit: limit + 1,
    fields: ['_id'],
  });
  const now = pages.slice(0, limit).map(({ _id }) => _id);
  if (now.length > 0) await store.remove(PAGES, { _id: store.command.in(now) });
  return { removed: now.length, isLast: pages.length <= limit };
}

/** What one step does at most; between steps other calls reach the database. */
const ORPHANS_A_STEP = 20;
const PURGE_A_STEP = { sessions: 20, pages: 100 } as const;
/** A run ends before the function's own limit of 30 s, also where the database is slow; the next run does the rest. */
const RUN_MS = 15_000;
/** A step begins nothing more after this, so that each kind of work has its turn in every run. */
const STEP_MS = RUN_MS / 4;

export interface CleanUpCounts {
  orphans: number;
  purged: number;
  cancelled: number;
  /** Uploads that were never recognised or reported, and the audio of removed sessions. */
  files: number;
}

/** Timer `purge`, for all users: ends orphans, removes what was deleted too long ago to be restored, and files left over. */
export async function cleanUp(call: TimerContext): Promise<CleanUpCounts> {
  const done: CleanUpCounts = { orphans: 0, purged: 0, cancelled: 0, files: 0 };
  const endMs = call.clock.now() + RUN_MS;
  const stepEnd = () => ({ endMs: Math.min(endMs, call.clock.now() + STEP_MS) });
  for (let busy = true; busy && call.clock.now() < endMs; ) {
    const orphans = await completeOrphans(call, {}, { limit: ORPHANS_A_STEP, ...stepEnd() });
    const purged = await purge(call, {}, { ...PURGE_A_STEP, ...stepEnd() });
    const cancelled = await purgeCancelled(call, { ...PURGE_A_STEP, ...stepEnd() });
    const files = await deleteUploads(unused(call), call);
    done.files += files + purged.files + cancelled.files;
    done.orphans += orphans;
    done.purged += purged.sessions;
    done.cancelled += cancelled.sessions;
    const removed = [purged, cancelled].map((kind) => kind.sessions + kind.pages + kind.files);
    busy = orphans + files + Math.max(...removed) > 0;
  }
  return done;
}
