import * as v from 'valibot';
import type { HISTORY_ACTIONS, HistoryAnswers, SearchMatch } from '../../contract/functions.ts';
import { SESSIONS, type SessionRecord, sentencesInOrder } from '../../contract/records.ts';
import { literalFinder } from '../../lib/literal-search.ts';
import { isReadable } from '../../records/schema-version.ts';
import type { CallContext } from '../shared/define.ts';
import { findRecords } from '../shared/records.ts';
import {
  listedAfter,
  NEWEST_FIRST,
  type Position,
  positionOf,
  positionSchema,
  readCursor,
  writeCursor,
} from './cursor.ts';
import { pagesFrom, type SentenceBatch, viewOf } from './sentences.ts';
import { summaryOf, visibleSessions } from './sessions.ts';

/** What one call reads and answers at most; its cursor continues. */
const MAX_DOCUMENTS = 200;
const MAX_MATCHES = 200;
/** Sessions come with up to 50 sentences each, so they are read in small batches. */
const SESSIONS_A_READ = 20;

/** `index` of matches that are in no sentence. */
const TITLE = -1;
const TAG = -2;

/** `p`: the session at this position is searched from this index on; without it, that session is done. */
const cursorSchema = v.strictObject({
  ...positionSchema.entries,
  p: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});
type SearchPosition = v.InferOutput<typeof cursorSchema>;
type Finder = (text: string) => [number, number][];

/** Literal text in the titles, tags and sentences of the caller's sessions, newest first. */
export async function search(
  request: v.InferOutput<typeof HISTORY_ACTIONS.search>,
  call: CallContext,
): Promise<HistoryAnswers['search']> {
  const find = literalFinder(request.query);
  const budget = { documents: MAX_DOCUMENTS, matches: MAX_MATCHES };
  const items: HistoryAnswers['search']['items'] = [];
  let position: SearchPosition | null = readCursor(request.cursor, cursorSchema);

  while (budget.documents > 0 && budget.matches > 0) {
    const wanted = Math.min(SESSIONS_A_READ, budget.documents);
    const batch = await nextSessions(position, wanted, call);
    budget.documents -= batch.length;
    for (const session of batch) {
      // `p` belongs to the session of the position; where that is gone, the next one is searched from its start
      const from = position?.p !== undefined && position.id === session._id ? position.p : null;
      const { matches, stoppedAt } = isReadable(session)
        ? await searchSession(session, from, find, budget, call)
        : NOTHING;
      budget.matches -= matches.length;
      if (matches.length > 0) items.push({ session: summaryOf(session), matches });
      position = { ...positionOf(session), ...(stoppedAt !== null && { p: stoppedAt }) };
      if (stoppedAt !== null || budget.matches <= 0) return { items, ...resumeAt(position) };
    }
    if (batch.length < wanted) return { items, cursor: null, searchedUntil: null };
  }
  return { items, ...(position ? resumeAt(position) : { cursor: null, searchedUntil: null }) };
}

/** Of a session that is too new for this release. */
const NOTHING: { matches: SearchMatch[]; stoppedAt: null } = { matches: [], stoppedAt: null };

const resumeAt = (position: SearchPosition) => ({ cursor: writeCursor(position), searchedUntil: position.t });

const nextSessions = (
  position: (Position & { p?: number | undefined }) | null,
  limit: number,
  call: CallContext,
) =>
  findRecords(call.store, SESSIONS, {
    where: [visibleSessions(call), ...listedAfter(position, call.store.command, position?.p !== undefined)],
    order: NEWEST_FIRST,
    limit,
  });

/**
 * Title, tags, pages and tail of one session, in order; `from` null: from the start.
 * @returns `stoppedAt`: the index to continue from where the budget was used up
 */
async function searchSession(
  session: SessionRecord,
  from: number | null,
  find: Finder,
  budget: { documents: number; matches: number },
  call: CallContext,
): Promise<{ matches: SearchMatch[]; stoppedAt: number | null }> {
  const matches = from === null ? [...titleMatch(session, find), ...tagMatches(session, find)] : [];
  let next = from ?? 0;
  while (next < session.tailIndex) {
    if (budget.documents <= 0 || matches.length >= budget.matches) return { matches, stoppedAt: next };
    const pages = await pagesFrom(session._id, next, session.tailIndex, budget.documents, call);
    budget.documents -= pages.length;
    for (const page of pages) matches.push(...sentenceMatches(sentencesInOrder(page.sentences), find));
    const last = pages.at(-1);
    next = last ? last.firstIndex + last.count : session.tailIndex;
  }
  matches.push(...sentenceMatches(sentencesInOrder(session.sentences), find));
  return { matches, stoppedAt: null };
}

function titleMatch({ title }: SessionRecord, find: Finder): SearchMatch[] {
  const ranges = find(title);
  return ranges.length > 0 ? [{ index: TITLE, text: title, startMs: 0, ranges }] : [];
}

const tagMatches = ({ tags = [] }: SessionRecord, find: Finder): SearchMatch[] =>
  tags.flatMap((text) => {
    const ranges = find(text);
    return ranges.length > 0 ? [{ index: TAG, text, startMs: 0, ranges }] : [];
  });

function sentenceMatches(sentences: SentenceBatch, find: Finder): SearchMatch[] {
  return sentences.flatMap((stored) => {
    const { index, text, startMs } = viewOf(stored);
    const ranges = find(text);
    return ranges.length > 0 ? [{ index, text, startMs, ranges }] : [];
  });
}
