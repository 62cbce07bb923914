import tcb from '@cloudbase/node-sdk';
import {
  DAILY_STATS,
  PAGES,
  type PageRecord,
  SESSIONS,
  type Sentence,
  type SessionRecord,
  type StatsRecord,
} from '../../../contract/records.ts';
import { newSession } from '../../../records/new-session.ts';
import { LOCAL_ENV_ID } from '../../launch/options.ts';
import { localSecrets } from '../../launch/secrets.ts';
import type { LocalCloud } from '../../start.ts';

/** Documents that are inserted in one request; pages are larger. */
const SESSIONS_BATCH = 500;
const PAGES_BATCH = 50;

/** A completed session of so many sentences of three seconds, as the container leaves one. */
export function storedSession(
  openid: string,
  id: string,
  texts: readonly string[],
  changes: Partial<SessionRecord> = {},
): SessionRecord {
  const startedAt = changes.startedAt ?? new Date();
  const sentences = Object.fromEntries(
    texts.map((text, at): [string, Sentence] => [
      String(at),
      { text, startMs: at * 3_000, endMs: at * 3_000 + 2_500 },
    ]),
  );
  const given = {
    _id: id,
    _openid: openid,
    clientId: 'client-0001',
    source: 'stream',
    state: 'completed',
    claim: 'claim-0001',
    engine: '16k_zh',
    sampleRate: 16_000,
    title: '',
  } as const;
  return {
    ...newSession(given, startedAt.getTime()),
    endedAt: startedAt,
    samples: texts.length * 48_000,
    nextIndex: texts.length,
    sentenceCount: texts.length,
    sentences,
    preview: texts.join('').slice(0, 80),
    counted: { kind: 'completed', sentences: texts.length, chars: 0, durationMs: texts.length * 3_000 },
    ...changes,
  };
}

async function databaseOf({ dataDir, urls }: LocalCloud) {
  const { secretId, secretKey } = (await localSecrets(dataDir)).cloudbase;
  const serviceUrl = `${urls.gateway}/admin`;
  return tcb.init({ env: LOCAL_ENV_ID, serviceUrl, secretId, secretKey, keepalive: false }).database();
}

/** Puts sessions into the database of a running cloud, as the container would, by the SDK for servers. */
export async function seedSessions(cloud: LocalCloud, sessions: readonly SessionRecord[]): Promise<void> {
  const db = await databaseOf(cloud);
  for (let at = 0; at < sessions.length; at += SESSIONS_BATCH)
    await db.collection(SESSIONS).add(sessions.slice(at, at + SESSIONS_BATCH));
}

/** Puts figures of days into it, which are not made from the sessions that are there. */
export async function seedDays(cloud: LocalCloud, days: readonly StatsRecord[]): Promise<void> {
  await (await databaseOf(cloud)).collection(DAILY_STATS).add([...days]);
}

/** The same for one session with its pages of sentences. */
export async function seedLongSession(
  cloud: LocalCloud,
  { session, pages }: { session: SessionRecord; pages: readonly PageRecord[] },
): Promise<void> {
  await seedSessions(cloud, [session]);
  const db = await databaseOf(cloud);
  for (let at = 0; at < pages.length; at += PAGES_BATCH)
    await db.collection(PAGES).add(pages.slice(at, at + PAGES_BATCH));
}

/** Makes a record that was deleted one that cannot be restored any more. */
export async function deletedLongAgo(cloud: LocalCloud, sessionId: string): Promise<void> {
  const db = await databaseOf(cloud);
  await db
    .collection(SESSIONS)
    .doc(sessionId)
    .update({ deletedAt: new Date(0) });
}

/** The sessions that are in the database of a running cloud. */
export async function storedSessions(cloud: LocalCloud): Promise<SessionRecord[]> {
  const { data } = await (await databaseOf(cloud)).collection(SESSIONS).get();
  return data as SessionRecord[];
}
