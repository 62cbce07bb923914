import {
  DAILY_STATS,
  PAGES,
  type PageRecord,
  SESSIONS,
  type Sentence,
  type SessionRecord,
  type StatsRecord,
} from '../../contract/records.ts';

/** A session as it is in the database, with the sentences of its pages. */
export interface StoredSession {
  record: SessionRecord;
  /** In the order of their indexes. */
  sentences: { index: number; sentence: Sentence }[];
}

export interface StoredRecords {
  /** By session id. */
  sessions: Map<string, StoredSession>;
  /** By `statsId`. */
  stats: Map<string, StatsRecord>;
}

/** Reads all records from the gateway's own dump, without the SDK and the functions, whose faults would distort the result. */
export async function readRecords(gatewayUrl: string): Promise<StoredRecords> {
  const [sessions, pages, stats] = await Promise.all([
    dump<SessionRecord>(gatewayUrl, SESSIONS),
    dump<PageRecord>(gatewayUrl, PAGES),
    dump<StatsRecord>(gatewayUrl, DAILY_STATS),
  ]);
  return recordsOf(sessions, pages, stats);
}

/** All documents of the three collections, as sessions with their sentences. */
export function recordsOf(
  sessions: readonly SessionRecord[],
  pages: readonly PageRecord[],
  stats: readonly StatsRecord[],
): StoredRecords {
  const withPages = (record: SessionRecord): StoredSession => {
    const own = pages.filter(
      ({ sessionId, firstIndex }) => sessionId === record._id && firstIndex < record.tailIndex,
    );
    const sentences = [...own.map((page) => page.sentences), record.sentences]
      .flatMap((some) => Object.entries(some))
      .map(([index, sentence]) => ({ index: Number(index), sentence }))
      .sort((a, b) => a.index - b.index);
    return { record, sentences };
  };
  return {
    sessions: new Map(sessions.map((record) => [record._id, withPages(record)])),
    stats: new Map(stats.map((one) => [one._id, one])),
  };
}

async function dump<T>(gatewayUrl: string, collection: string): Promise<T[]> {
  const response = await fetch(`${gatewayUrl}/_local/dump/${collection}`);
  if (!response.ok) throw new Error(`dump of ${collection}: ${response.status}`);
  return (await response.json()) as T[];
}
