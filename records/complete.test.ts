import { describe, expect, it } from 'vitest';
import { aSession } from '../container/testing/store-contract.ts';
import {
  DAILY_STATS,
  SCHEMA_VERSION,
  SESSIONS,
  type SessionRecord,
  type StatsRecord,
  statsId,
} from '../contract/records.ts';
import { completeSession } from './complete.ts';
import type { RunTransaction } from './port.ts';

/** Documents in a map; transactions one at a time. */
function database(...sessions: SessionRecord[]) {
  const documents = new Map<string, unknown>(
    sessions.map((session) => [`${SESSIONS}/${session._id}`, session]),
  );
  const run: RunTransaction = (fn) =>
    fn({
      get: async <T>(collection: string, id: string) => (documents.get(`${collection}/${id}`) as T) ?? null,
      set: async (collection, id, doc) => void documents.set(`${collection}/${id}`, { _id: id, ...doc }),
      update: async (collection, id, patch) => {
        const key = `${collection}/${id}`;
        documents.set(key, { ...(documents.get(key) as object), ...patch });
      },
      remove: async (collection, id) => void documents.delete(`${collection}/${id}`),
    });
  const stats = (day: string) =>
    documents.get(`${DAILY_STATS}/${statsId('oUser', day)}`) as StatsRecord | undefined;
  return { run, documents, stats };
}

const NOW_MS = 1_760_000_000_000;
const spoken = { samples: 32_000, sentenceCount: 2, charCount: 7 };

describe('completing a session', () => {
  it('raises its day and the total, by samples ÷ rate', async () => {
    const session = aSession(spoken);
    const db = database(session);
    const request = {
      sessionId: session._id,
      state: 'completed' as const,
      nowMs: NOW_MS,
      owner: { epoch: 1, writeSeq: 0 },
    };
    expect(await completeSession(db.run, request)).toMatchObject({ outcome: 'completed' });
    const counts = { sessions: 1, completed: 1, interrupted: 0, sentences: 2, chars: 7, durationMs: 2_000 };
    expect(db.stats(session.day)).toMatchObject(counts);
    expect(db.stats('total')).toMatchObject(counts);
    expect(await completeSession(db.run, request)).toMatchObject({ outcome: 'already' });
    expect(db.stats('total')).toMatchObject(counts);
  });

  it('without its owner needs an old heartbeat, raises the epoch and keeps the unsettled sentence', async () => {
    const pending = { text: '未完', startMs: 0, endMs: 900 };
    const session = aSession({ ...spoken, nextIndex: 2, pending });
    const db = database(session);
    const request = { sessionId: session._id, state: 'interrupted' as const, nowMs: NOW_MS };
    const young = await completeSession(db.run, { ...request, orphanedBeforeMs: NOW_MS - 1 });
    expect(young.outcome).toBe('fenced');
    const old = await completeSession(db.run, { ...request, orphanedBeforeMs: NOW_MS + 1 });
    expect(old.record).toMatchObject({
      epoch: 2,
      sentenceCount: 3,
      promotedIndex: 2,
      sentences: { 2: pending },
    });
    expect(db.stats('total')).toMatchObject({ interrupted: 1, sentences: 3, chars: 9 });
  });

  it('again after it was reopened adds only what came since, and moves it to its new kind', async () => {
    const counted = { kind: 'interrupted' as const, sentences: 2, chars: 7, durationMs: 2_000 };
    const session = aSession({ ...spoken, sentenceCount: 5, charCount: 10, samples: 48_000, counted });
    const db = database(session);
    const before = {
      sessions: 1,
      completed: 0,
      interrupted: 1,
      oneshot: 0,
      sentences: 2,
      chars: 7,
      durationMs: 2_000,
    };
    for (const day of [session.day, 'total'])
      db.documents.set(`${DAILY_STATS}/${statsId('oUser', day)}`, { _openid: 'oUser', day, ...before });
    await completeSession(db.run, {
      sessionId: session._id,
      state: 'completed',
      nowMs: NOW_MS,
      owner: { epoch: 1, writeSeq: 0 },
    });
    expect(db.stats('total')).toMatchObject({
      sessions: 1,
      completed: 1,
      interrupted: 0,
      sentences: 5,
      chars: 10,
      durationMs: 3_000,
    });
  });

  it('that was deleted ends it and counts nothing', async () => {
    const session = aSession({ ...spoken, deletedAt: new Date(NOW_MS) });
    const db = database(session);
    await completeSession(db.run, {
      sessionId: session._id,
      state: 'completed',
      nowMs: NOW_MS,
      owner: { epoch: 1, writeSeq: 0 },
    });
    expect(db.stats('total')).toBeUndefined();
  });
});

describe('records of another version', () => {
  const NEXT = SCHEMA_VERSION + 1;
  const TOO_NEW = { code: 'RECORD_TOO_NEW', retriable: true };
  const request = (_id: string) => ({ sessionId: _id, state: 'interrupted' as const, nowMs: NOW_MS });

  it('that this release cannot read are not ended: neither a session, nor one whose statistics are too new', async () => {
    const session = aSession({ ...spoken, schemaVersion: NEXT, oldestReader: NEXT });
    const db = database(session);
    const before = structuredClone(db.documents);
    await expect(completeSession(db.run, request(session._id))).rejects.toMatchObject(TOO_NEW);
    expect(db.documents).toEqual(before);

    const other = aSession(spoken);
    const counted = database(other);
    const id = statsId('oUser', other.day);
    counted.documents.set(`${DAILY_STATS}/${id}`, {
      _id: id,
      sessions: 3,
      schemaVersion: NEXT,
      oldestReader: NEXT,
    });
    await expect(completeSession(counted.run, request(other._id))).rejects.toMatchObject(TOO_NEW);
    expect(counted.stats(other.day)).toMatchObject({ sessions: 3, schemaVersion: NEXT });
  });

  it('without a version are ended and counted as they were, and say theirs from then on', async () => {
    const { schemaVersion, oldestReader, writeSeq, checkpoint, ...old } = aSession({
      ...spoken,
      nextIndex: 2,
    });
    const db = database(old as SessionRecord);
    const id = statsId('oUser', 'total');
    db.documents.set(`${DAILY_STATS}/${id}`, {
      _id: id,
      _openid: 'oUser',
      day: 'total',
      sessions: 1,
      completed: 1,
    });
    const { record } = await completeSession(db.run, request(old._id));
    expect(record).toMatchObject({ state: 'interrupted', schemaVersion: SCHEMA_VERSION, sentenceCount: 2 });
    expect(db.documents.get(`${SESSIONS}/${old._id}`)).toMatchObject({ schemaVersion: SCHEMA_VERSION });
    expect(db.stats('total')).toMatchObject({
      sessions: 2,
      completed: 1,
      interrupted: 1,
      chars: 7,
      schemaVersion: SCHEMA_VERSION,
    });
  });
});

describe('the preview', () => {
  it('ends between two characters as readers see them', async () => {
    const session = aSession({ preview: '字'.repeat(79), pending: { text: '😀好', startMs: 0, endMs: 900 } });
    const db = database(session);
    const request = { sessionId: session._id, state: 'interrupted' as const, nowMs: NOW_MS };
    const { record } = await completeSession(db.run, request);
    expect(record?.preview).toBe('字'.repeat(79));
  });
});
