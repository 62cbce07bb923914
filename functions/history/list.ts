import type * as v from 'valibot';
import { VoiceError } from '../../contract/errors.ts';
import type { HISTORY_ACTIONS, HistoryAnswers } from '../../contract/functions.ts';
import { MAX_PINNED, MAX_TAGS_OFFERED } from '../../contract/limits.ts';
import { SESSIONS } from '../../contract/records.ts';
import { isReadable } from '../../records/schema-version.ts';
import { ownedBy } from '../shared/caller.ts';
import type { CallContext } from '../shared/define.ts';
import { completeOrphan, isOrphan } from '../shared/orphans.ts';
import { findRecords } from '../shared/records.ts';
import type { Condition } from '../shared/store.ts';
import { purge } from './clean-up.ts';
import { listedAfter, NEWEST_FIRST, positionOf, positionSchema, readCursor, writeCursor } from './cursor.ts';
import { SUMMARY_FIELDS, type SummaryRecord, summaryOf, visibleSessions } from './sessions.ts';

const DEFAULT_LIMIT = 20;
/** Clean-up that one call does at most; the timer does the rest. */
const MAX_ORPHANS_A_CALL = 3;
const PURGE_ON_LIST = { sessions: 1, pages: 20 } as const;
/** Sessions whose tags are looked through for those that a list offers. */
const TAGGED_LOOKED_AT = 200;
const EVER = new Date(0);

/** A page of the caller's sessions, newest first. Sessions that are too new for this release are left out: the others are shown. */
export async function list(
  request: v.InferOutput<typeof HISTORY_ACTIONS.list>,
  call: CallContext,
): Promise<HistoryAnswers['list']> {
  const limit = request.limit ?? DEFAULT_LIMIT;
  const position = readCursor(request.cursor, positionSchema);
  const { store } = call;
  const ofTag = request.tag === undefined ? [] : [{ tags: request.tag }];
  const [found, overview] = await Promise.all([
    findRecords(store, SESSIONS, {
      where: [visibleSessions(call), ...ofTag, ...listedAfter(position, store.command)],
      order: NEWEST_FIRST,
      // one more than shown tells whether there is a next page
      limit: limit + 1,
      fields: SUMMARY_FIELDS,
    }),
    position ? {} : overviewOf(ofTag, call),
  ]);
  const last = found.slice(0, limit).at(-1);
  const page: SummaryRecord[] = found.slice(0, limit).filter(isReadable);
  if (page.length < Math.min(limit, found.length)) call.warn('list', new VoiceError('RECORD_TOO_NEW'));
  await completeOrphansOnPage(page, call);
  if (!position) await purge(call, ownedBy(call.caller), PURGE_ON_LIST).catch((e) => call.warn('purge', e));
  return {
    items: page.map(summaryOf),
    cursor: last && found.length > limit ? writeCursor(positionOf(last)) : null,
    ...overview,
  };
}

/** What the first page has besides its sessions: those that are pinned, and the tags to filter by. */
async function overviewOf(
  ofTag: Condition[],
  call: CallContext,
): Promise<Pick<HistoryAnswers['list'], 'pinned' | 'tags'>> {
  const { store } = call;
  const [pinned, tagged] = await Promise.all([
    findRecords(store, SESSIONS, {
      where: [visibleSessions(call), ...ofTag, { pinnedAt: store.command.gt(EVER) }],
      order: [['pinnedAt', 'desc']],
      limit: MAX_PINNED,
      fields: SUMMARY_FIELDS,
    }),
    findRecords(store, SESSIONS, {
      where: [visibleSessions(call), { taggedAt: store.command.gt(EVER) }],
      order: [['taggedAt', 'desc']],
      limit: TAGGED_LOOKED_AT,
      fields: ['_id', 'tags'],
    }),
  ]);
  const tags = new Set(tagged.filter(isReadable).flatMap((session) => session.tags ?? []));
  return { pinned: pinned.filter(isReadable).map(summaryOf), tags: [...tags].slice(0, MAX_TAGS_OFFERED) };
}

/** Ends the orphans on a page, and replaces them in it. A failure is logged and does not fail the list. */
async function completeOrphansOnPage(page: SummaryRecord[], call: CallContext): Promise<void> {
  const orphans = [...page.entries()].filter(([, session]) => isOrphan(session, call.nowMs));
  for (const [at, session] of orphans.slice(0, MAX_ORPHANS_A_CALL)) {
    const now = await completeOrphan(session._id, call).catch((e) => call.warn('orphan', e));
    if (now) page[at] = now;
  }
}
