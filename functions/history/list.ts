import type * as v from 'valibot';
import type { HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import { SESSIONS } from '../../contract/records.ts';
import { ownedBy } from '../shared/caller.ts';
import { readCursor, writeCursor } from '../shared/cursor.ts';
import type { Call } from '../shared/define.ts';
import { completeOrphan, isOrphan } from '../shared/orphans.ts';
import { after, NEWEST_FIRST, placeOf, placeSchema } from './order.ts';
import { purge } from './purge.ts';
import { SUMMARY_FIELDS, type SummaryRecord, shown, summaryOf } from './sessions.ts';

const DEFAULT_LIMIT = 20;
/** Work on behalf of those who vanished stays a small part of anybody's call; the timer does the rest. */
const MAX_ORPHANS_A_CALL = 3;
const PURGE_ON_LIST = { sessions: 1, pages: 20 } as const;

/** A page of the caller's sessions, newest first. */
export async function list(
  request: v.InferOutput<typeof HISTORY_ACTIONS.list>,
  call: Call,
): Promise<HistoryAnswers['list']> {
  const limit = request.limit ?? DEFAULT_LIMIT;
  const place = readCursor(request.cursor, placeSchema);
  const { store } = call;
  const found = await store.find<SummaryRecord>(SESSIONS, {
    where: [shown(call), ...after(place, store.is)],
    order: NEWEST_FIRST,
    // one more than shown tells whether there is a next page
    limit: limit + 1,
    fields: SUMMARY_FIELDS,
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  await settleOrphans(page, call);
  if (!place) await purge(call, ownedBy(call.caller), PURGE_ON_LIST).catch((e) => call.warn('purge', e));
  return {
    items: page.map(summaryOf),
    cursor: last && found.length > limit ? writeCursor(placeOf(last)) : null,
  };
}

/** Ends the orphans on a page, in place. A list must not fail for it. */
async function settleOrphans(page: SummaryRecord[], call: Call): Promise<void> {
  const orphans = [...page.entries()].filter(([, session]) => isOrphan(session, call.nowMs));
  for (const [at, session] of orphans.slice(0, MAX_ORPHANS_A_CALL)) {
    const now = await completeOrphan(session._id, call).catch((e) => call.warn('orphan', e));
    if (now) page[at] = now;
  }
}
