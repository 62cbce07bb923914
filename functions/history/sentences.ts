import type { SentenceView } from '../../contract/functions.ts';
import { TAIL_SENTENCES } from '../../contract/limits.ts';
import {
  PAGES,
  type PageRecord,
  type Sentence,
  type SessionRecord,
  sentencesInOrder,
  shownText,
} from '../../contract/records.ts';
import { ownedBy } from '../shared/caller.ts';
import type { CallContext } from '../shared/define.ts';
import { findRecords } from '../shared/records.ts';

/** Sentences that are stored together, in order: a page, or the session's own tail. */
export type SentenceBatch = readonly (readonly [index: number, sentence: Sentence])[];

export const viewOf = ([index, sentence]: readonly [number, Sentence]): SentenceView => ({
  index,
  text: shownText(sentence),
  ...(sentence.editedText !== undefined && { original: sentence.text }),
  startMs: sentence.startMs,
  endMs: sentence.endMs,
  ...(sentence.words && { words: sentence.words }),
});

type StoredText = Pick<SessionRecord, '_id' | 'tailIndex' | 'sentences'>;

/** Most pages in one database answer: with word times one may hold 200 KB. */
const MAX_PAGES_PER_READ = 10;

/** The page that holds `index`, if it has moved to one. */
export async function pageWith(
  sessionId: string,
  index: number,
  { caller, store }: CallContext,
): Promise<PageRecord | undefined> {
  const [page] = await findRecords(store, PAGES, {
    where: { ...ownedBy(caller), sessionId, firstIndex: store.command.lte(index) },
    order: [['firstIndex', 'desc']],
    limit: 1,
  });
  return page && index < page.firstIndex + page.count ? page : undefined;
}

/** The pages of a session that begin at `fromIndex` or later and before `untilIndex`. */
export const pagesFrom = (
  sessionId: string,
  fromIndex: number,
  untilIndex: number,
  limit: number,
  { caller, store }: CallContext,
): Promise<PageRecord[]> =>
  findRecords(store, PAGES, {
    where: {
      ...ownedBy(caller),
      sessionId,
      firstIndex: store.command.gte(fromIndex).and(store.command.lt(untilIndex)),
    },
    order: [['firstIndex', 'asc']],
    limit: Math.min(limit, MAX_PAGES_PER_READ),
  });

/**
 * The sentences of a session from the batch that holds `fromIndex` on, read as they are asked for, about `wanted`
 * sentences in one database request. `session` was read first, so a tail that moves to a page meanwhile is neither
 * missed nor given twice.
 */
export async function* sentenceBatches(
  session: StoredText,
  fromIndex: number,
  wanted: number,
  call: CallContext,
): AsyncGenerator<SentenceBatch> {
  let from = fromIndex;
  if (from > 0 && from < session.tailIndex) {
    const page = await pageWith(session._id, from, call);
    if (page) yield sentencesInOrder(page.sentences);
    from = page ? page.firstIndex + page.count : from;
  }
  while (from < session.tailIndex) {
    const limit = Math.ceil(wanted / TAIL_SENTENCES);
    const pages = await pagesFrom(session._id, from, session.tailIndex, limit, call);
    for (const page of pages) yield sentencesInOrder(page.sentences);
    const last = pages.at(-1);
    from = last ? last.firstIndex + last.count : session.tailIndex;
  }
  yield sentencesInOrder(session.sentences);
}

/**
 * The same towards the beginning: first the batch that holds the sentence before `beforeIndex`, each batch in order. A page that has
 * been made since `session` was read begins at its `tailIndex` or later, and is not met.
 */
export async function* sentenceBatchesBefore(
  session: StoredText,
  beforeIndex: number,
  wanted: number,
  { caller, store }: CallContext,
): AsyncGenerator<SentenceBatch> {
  if (beforeIndex > session.tailIndex) yield sentencesInOrder(session.sentences);
  let before = Math.min(beforeIndex, session.tailIndex);
  while (before > 0) {
    const pages: PageRecord[] = await findRecords(store, PAGES, {
      where: { ...ownedBy(caller), sessionId: session._id, firstIndex: store.command.lt(before) },
      order: [['firstIndex', 'desc']],
      limit: Math.min(Math.ceil(wanted / TAIL_SENTENCES), MAX_PAGES_PER_READ),
    });
    for (const page of pages) yield sentencesInOrder(page.sentences);
    before = pages.at(-1)?.firstIndex ?? 0;
  }
}
