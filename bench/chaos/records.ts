import {
  DAILY_STATS,
  PAGES,
  type PageRecord,
  SESSIONS,
  type Sentence,
  type SessionRecord,
  type StatsRecord,
} from '../../contract/records.ts';

/** A session as the database has it, with its pages. */
export interface StoredSession {
  record: SessionRecord;
  /** By index, in order. */
  sentences: { index: number; sentence: Sentence }[];
}

export interface Records {
  sessions: Map<string, StoredSession>;
  stats: Map<string, StatsRecord>;
}

/** Reads all records, past the SDK and the functions. */
export async function readRecords(gatewayUrl: string): Promise<Records> {
  const [sessions, pages, stats] = await Promise.all([
    dump<SessionRecord>(gatewayUrl, SESSIONS),
    dump<PageRecord>(gatewayUrl, PAGES),
    dump<StatsRecord>(gatewayUrl, DAILY_STATS),
  ]);
  const whole = (record: SessionRecord): StoredSession => {
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
    sessions: new Map(sessions.map((record) => [record._id, whole(record)])),
    stats: new Map(stats.map((one) => [one._id, one])),
  };
}

async function dump<T>(gatewayUrl: string, collection: string): Promise<T[]> {
  const response = await fetch(`${gatewayUrl}/_local/dump/${collection}`);
  if (!response.ok) throw new Error(`dump of ${collection}: ${response.status}`);
  return (await response.json()) as T[];
}
