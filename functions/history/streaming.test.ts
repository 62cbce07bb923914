import { expect, test, vi } from 'vitest';
import {
  DAILY_STATS,
  PAGES,
  pageId,
  SESSIONS,
  type Sentence,
  type SessionRecord,
} from '../../contract/records.ts';
import { completeSession } from '../../records/complete.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aSentence, aSession } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);

const ID = 'live-session';
const history = (data: object) => gateway.as(A)('history', data);
const stored = () => gateway.session(ID) as SessionRecord;

const goLive = (changes: Partial<SessionRecord> = {}) =>
  gateway.seed(SESSIONS, [
    aSession(ID, { state: 'live', endedAt: null, counted: null, updatedAt: new Date(), ...changes }),
  ]);

/** The owner's only kind of write. @returns how many documents it matched */
async function ownerWrites(epoch: number, patch: object): Promise<number> {
  const answer = await gateway.db
    .collection(SESSIONS)
    .where({ _id: ID, epoch, state: 'live' })
    .update({ ...patch, updatedAt: new Date() });
  return answer.updated ?? 0;
}

/** The owner moves its tail to a page, in one transaction. */
async function ownerMovesTail(): Promise<void> {
  await gateway.transaction(async (tx) => {
    const session = await tx.get<SessionRecord>(SESSIONS, ID);
    if (!session) throw new Error('the session is gone');
    const { tailIndex: firstIndex, nextIndex } = session;
    await tx.set(PAGES, pageId(ID, firstIndex), {
      _openid: session._openid,
      sessionId: ID,
      firstIndex,
      count: nextIndex - firstIndex,
      sentences: session.sentences,
    });
    await tx.update(SESSIONS, ID, { sentences: {}, tailIndex: nextIndex });
  });
}

test('deleting a live session shuts its stream out: the next write of the owner matches nothing', async () => {
  await goLive({ epoch: 3 });
  expect(await ownerWrites(3, { sentences: { 0: aSentence(0) }, nextIndex: 1 })).toBe(1);
  await history({ action: 'delete', sessionId: ID });
  expect(await ownerWrites(3, { sentences: { 1: aSentence(1) }, nextIndex: 2 })).toBe(0);
  expect(stored()).toMatchObject({ epoch: 4, nextIndex: 1, state: 'live' });
  expect(gateway.dump(DAILY_STATS)).toEqual([]);
});

test('a session that was live when it was deleted is restored as interrupted and counted then, once', async () => {
  await goLive({
    samples: 48_000,
    sentenceCount: 1,
    charCount: 3,
    nextIndex: 1,
    sentences: { 0: aSentence(0) },
  });
  await history({ action: 'delete', sessionId: ID });
  await Promise.all([
    history({ action: 'restore', sessionId: ID }),
    history({ action: 'restore', sessionId: ID }),
  ]);
  await history({ action: 'restore', sessionId: ID });
  expect(stored()).toMatchObject({ state: 'interrupted', deletedAt: null });
  expect(gateway.dump(DAILY_STATS)).toMatchObject([
    { sessions: 1, interrupted: 1, durationMs: 3_000 },
    { day: 'total', sessions: 1 },
  ]);
});

test('a session that was ended uncounted while it was deleted is counted when it is restored', async () => {
  await goLive({ samples: 16_000 });
  await history({ action: 'delete', sessionId: ID });
  await completeSession(gateway.transaction, { sessionId: ID, state: 'completed', nowMs: Date.now() });
  expect(gateway.dump(DAILY_STATS)).toEqual([]);
  await history({ action: 'restore', sessionId: ID });
  expect(gateway.dump(DAILY_STATS)).toMatchObject([{ completed: 1, durationMs: 1_000 }, { day: 'total' }]);
});

test('two that complete the same session at the same moment count it once', async () => {
  await goLive({ samples: 16_000 });
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, () =>
      completeSession(gateway.transaction, {
        sessionId: ID,
        state: 'completed',
        owner: { epoch: 1, writeSeq: 0 },
        nowMs: Date.now(),
      }),
    ),
  );
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual([
    'already',
    'already',
    'already',
    'already',
    'already',
    'completed',
  ]);
  expect(gateway.dump(DAILY_STATS)).toMatchObject([{ sessions: 1 }, { sessions: 1 }]);
});

test('an edit while the session streams stays, whatever the owner writes after it', async () => {
  await goLive({ sentences: { 0: aSentence(0) }, nextIndex: 1, sentenceCount: 1 });
  await history({ action: 'edit', sessionId: ID, index: 0, text: '人改的' });
  await history({ action: 'rename', sessionId: ID, title: '标题' });
  await ownerWrites(1, { 'sentences.1': aSentence(1), nextIndex: 2, sentenceCount: 2 });
  await ownerMovesTail();
  const { sentences, session } = await history({ action: 'get', sessionId: ID });
  expect(session.title).toBe('标题');
  expect(sentences.map(({ text }: Sentence) => text)).toEqual(['人改的', '第1句']);
});

test('an edit that meets the moving of the tail is found where the sentence stands then', async () => {
  const sentences = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [i, aSentence(i)]));
  await goLive({ sentences, nextIndex: 50, sentenceCount: 50 });
  // the edit has read the session and found its sentence in the tail; before it writes, the tail moves
  gateway.faults.set({
    rules: [{ match: 'database.modifyDocument', collection: SESSIONS, delayMs: 400, times: 1 }],
  });
  const before = gateway.counters.byAction['database.modifyDocument'] ?? 0;
  const edit = history({ action: 'edit', sessionId: ID, index: 7, text: '人改的' });
  const arrived = () => gateway.counters.byAction['database.modifyDocument'] ?? 0;
  await vi.waitFor(() => expect(arrived()).toBeGreaterThan(before), { interval: 5, timeout: 10_000 });
  await ownerMovesTail();
  gateway.faults.clear();
  expect((await edit).sentence).toMatchObject({ index: 7, text: '人改的', original: '第7句' });
  expect(stored().tailIndex).toBe(50);
  expect(JSON.stringify(gateway.dump(SESSIONS))).not.toContain('人改的');
  expect(gateway.dump(PAGES)).toMatchObject([{ sentences: { 7: { text: '第7句', editedText: '人改的' } } }]);
});

test('edits of many sentences at once all stay, while the owner goes on and the tail moves', async () => {
  const sentences = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [i, aSentence(i)]));
  await goLive({ sentences, nextIndex: 12, sentenceCount: 12 });
  const edits = Array.from({ length: 12 }, (_, index) =>
    history({ action: 'edit', sessionId: ID, index, text: `改${index}` }),
  );
  await ownerMovesTail();
  for (const answer of await Promise.all(edits)) expect(answer).not.toHaveProperty('code');
  const got = await history({ action: 'get', sessionId: ID });
  expect(got.sentences.map(({ text }: Sentence) => text)).toEqual(
    Array.from({ length: 12 }, (_, index) => `改${index}`),
  );
});
