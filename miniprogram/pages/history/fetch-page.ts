import type { CloudApi } from '../../services/cloud.ts';
import { type Entry, entryOf } from './items.ts';

export const PAGE_SIZE = 50;

/** A page of the list. */
export interface Page {
  entries: Entry[];
  cursor: string | null;
  /** On the first page; a search has none. */
  pinned?: Entry[];
  /** On the first page of the plain list. */
  tags?: string[];
}

/**
 * @param wanted.query searched for; empty: the plain list
 * @param wanted.tag that sessions of the plain list have; empty: all
 * @throws VoiceError, LocalError
 */
export async function fetchPage(
  cloud: Pick<CloudApi, 'history'>,
  { query, tag, cursor }: { query: string; tag: string; cursor: string | null },
): Promise<Page> {
  if (query !== '') {
    const answer = await cloud.history('search', { query, cursor });
    const entries = answer.items.map(({ session, matches }) => entryOf(session, matches));
    return { entries, cursor: answer.cursor, pinned: [] };
  }
  const answer = await cloud.history('list', { cursor, limit: PAGE_SIZE, ...(tag !== '' && { tag }) });
  const { items, pinned, tags } = answer;
  return {
    entries: items.map((session) => entryOf(session)),
    cursor: answer.cursor,
    ...(pinned && { pinned: pinned.map((session) => entryOf(session)) }),
    ...(tags && { tags }),
  };
}
