import type * as v from 'valibot';
import { VoiceError } from '../../contract/errors.ts';
import type { HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import { SESSIONS } from '../../contract/records.ts';
import { isReadable } from '../../records/schema-version.ts';
import { ownedBy } from '../shared/caller.ts';
import type { CallContext } from '../shared/define.ts';
import { completeOrphan, isOrphan } from '../shared/orphans.ts';
import { findRecords } from '../shared/records.ts';
import { purge } from './clean-up.ts';
import { listedAfter, NEWEST_FIRST, positionOf, positionSchema, readCursor, writeCursor } from './cursor.ts';
import { SUMMARY_FIELDS, type SummaryRecord, summaryOf, visibleSessions } from './sessions.ts';

const DEFAULT_LIMIT = 20;
/** Clean-up that one call does at most; the timer does the rest. */
const MAX_ORPHANS_A_CALL = 3;
const PURGE_ON_LIST = { sessions: 1, pages: 20 } as const;

/** A page of the caller's sessions, newest first. Sessions that are too new for this release are left out: the others are shown. */
export async function list(
  request: v.InferOutput<typeof HISTORY_ACTIONS.list>,
  call: CallContext,
): Promise<HistoryAnswers['list']> {
  const limit = request.limit ?? DEFAULT_LIMIT;
  const position = readCursor(request.cursor, positionSchema);
  const { store } = call;
  const found = await findRecords(store, SESSIONS, {
    where: [visibleSessions(call), ...listedAfter(position, store.command)],
    order: NEWEST_FIRST,
    // one more than shown tells whether there is a next page
    limit: limit + 1,
    fields: SUMMARY_FIELDS,
  });
  const last = found.slice(0, limit).at(-1);
  const page: SummaryRecord[] = found.slice(0, limit).filter(isReadable);
  if (page.length < Math.min(limit, found.length)) call.warn('list', new VoiceError('RECORD_TOO_NEW'));
  await completeOrphansOnPage(page, call);
  if (!position) await purge(call, ownedBy(call.caller), PURGE_ON_LIST).catch((e) => call.warn('purge', e));
  return {
    items: page.map(summaryOf),
    cursor: last && found.length > limit ? writeCursor(positionOf(last)) : null,
  };
}

/** Ends the orphans on a page, and replaces them in it. A failure is logged and does not fail the list. */
async function completeOrphansOnPage(page: SummaryRecord[], call: CallContext): Promise<void> {
  const orphans = [...page.entries()].filter(([, session]) => isOrphan(session, call.nowMs));
  for (const [at, session] of orphans.slice(0, MAX_ORPHANS_A_CALL)) {
    const now = await completeOrphan(session._id, call).catch((e) => call.warn('orphan', e));
    if (now) page[at] = now;
  }
}
