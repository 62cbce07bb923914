import * as v from 'valibot';
import type { HISTORY_ACTIONS, HistoryAnswers, SearchMatch } from '../../contract/functions.ts';
import { SESSIONS, type SessionRecord } from '../../contract/records.ts';
import { readCursor, writeCursor } from '../shared/cursor.ts';
import type { Call } from '../shared/define.ts';
import { finderOf } from './find.ts';
import { after, NEWEST_FIRST, type Place, placeOf, placeSchema } from './order.ts';
import { inOrder, pagesFrom, type Stored, viewOf } from './sentences.ts';
import { shown, summaryOf } from './sessions.ts';

/** What one call reads and answers at most; then it says where to go on. */
const MAX_DOCUMENTS = 200;
const MAX_MATCHES = 200;
/** Sessions come with up to 50 sentences each, so they are read in small batches. */
const SESSIONS_A_READ = 20;

/** `p`: the session at this place is searched from this index on; without it: the place itself is done. */
const cursorSchema = v.strictObject({
  ...placeSchema.entries,
  p: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});
type SearchPlace = v.InferOutput<typeof cursorSchema>;
type Finder = (text: string) => [number, number][];

/** Literal text in the titles and sentences of the caller's sessions, newest first. */
export async function search(
  request: v.InferOutput<typeof HISTORY_ACTIONS.search>,
  call: Call,
): Promise<HistoryAnswers['search']> {
  const find = finderOf(request.query);
  const budget = { documents: MAX_DOCUMENTS, matches: MAX_MATCHES };
  const items: HistoryAnswers['search']['items'] = [];
  let place: SearchPlace | null = readCursor(request.cursor, cursorSchema);

  while (budget.documents > 0 && budget.matches > 0) {
    const wanted = Math.min(SESSIONS_A_READ, budget.documents);
    const batch = await nextSessions(place, wanted, call);
    budget.documents -= batch.length;
    for (const session of batch) {
      // a place within a session that is gone meanwhile says nothing about the next one
      const from = place?.p !== undefined && place.id === session._id ? place.p : null;
      const { matches, stoppedAt } = await searchSession(session, from, find, budget, call);
      budget.matches -= matches.length;
      if (matches.length > 0) items.push({ session: summaryOf(session), matches });
      place = { ...placeOf(session), ...(stoppedAt !== null && { p: stoppedAt }) };
      if (stoppedAt !== null || budget.matches <= 0) return { items, ...pause(place) };
    }
    if (batch.length < wanted) return { items, cursor: null, searchedUntil: null };
  }
  return { items, ...(place ? pause(place) : { cursor: null, searchedUntil: null }) };
}

const pause = (place: SearchPlace) => ({ cursor: writeCursor(place), searchedUntil: place.t });

const nextSessions = (place: (Place & { p?: number | undefined }) | null, limit: number, call: Call) =>
  call.store.find<SessionRecord>(SESSIONS, {
    where: [shown(call), ...after(place, call.store.is, place?.p !== undefined)],
    order: NEWEST_FIRST,
    limit,
  });

/**
 * Title, pages and tail of one session, in order; `from` null: from the start.
 * @returns `stoppedAt`: the index to go on with where the budget did not suffice
 */
async function searchSession(
  session: SessionRecord,
  from: number | null,
  find: Finder,
  budget: { documents: number; matches: number },
  call: Call,
): Promise<{ matches: SearchMatch[]; stoppedAt: number | null }> {
  const matches = from === null ? titleMatch(session, find) : [];
  let next = from ?? 0;
  while (next < session.tailIndex) {
    if (budget.documents <= 0 || matches.length >= budget.matches) return { matches, stoppedAt: next };
    const pages = await pagesFrom(session._id, next, session.tailIndex, budget.documents, call);
    budget.documents -= pages.length;
    for (const page of pages) matches.push(...sentenceMatches(inOrder(page.sentences), find));
    const last = pages.at(-1);
    next = last ? last.firstIndex + last.count : session.tailIndex;
  }
  matches.push(...sentenceMatches(inOrder(session.sentences), find));
  return { matches, stoppedAt: null };
}

function titleMatch({ title }: SessionRecord, find: Finder): SearchMatch[] {
  const ranges = find(title);
  return ranges.length > 0 ? [{ index: -1, text: title, startMs: 0, ranges }] : [];
}

function sentenceMatches(sentences: Stored, find: Finder): SearchMatch[] {
  return sentences.flatMap((stored) => {
    const { index, text, startMs } = viewOf(stored);
    const ranges = find(text);
    return ranges.length > 0 ? [{ index, text, startMs, ranges }] : [];
  });
}
