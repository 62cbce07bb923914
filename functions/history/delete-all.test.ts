import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeletedCounts, HistoryAnswers } from '../../contract/functions.ts';
import { DAILY_STATS, PAGES, SESSIONS, statsId, UPLOADS } from '../../contract/records.ts';
import { completeSession } from '../../records/complete.ts';
import { aWav } from '../shared/testing/audio.ts';
import { recognitionForTests } from '../shared/testing/functions-gateway.ts';
import { A, aLongSession, aSession, B } from '../shared/testing/records.ts';

const { gateway } = await recognitionForTests(['history', 'recognize', 'stats']);
afterEach(() => gateway.faults.clear());

type Answer = HistoryAnswers['deleteAll'];
const deleteAll = (openid = A): Promise<Answer & { code?: string }> =>
  gateway.as(openid)('history', { action: 'deleteAll', confirm: true });

/** Calls until all is deleted. */
async function untilDone(openid = A): Promise<{ calls: number; deleted: DeletedCounts }> {
  const deleted: DeletedCounts = { sessions: 0, pages: 0, days: 0, files: 0 };
  for (let calls = 1; calls <= 50; calls += 1) {
    const answer = await deleteAll(openid);
    expect(answer).not.toHaveProperty('code');
    for (const kind of ['sessions', 'pages', 'days', 'files'] as const) deleted[kind] += answer.deleted[kind];
    if (answer.done) return { calls, deleted };
  }
  throw new Error('it never ends');
}

/** All that is stored of a user. */
const everythingOf = (openid: string) =>
  [SESSIONS, PAGES, DAILY_STATS, UPLOADS].map((name) =>
    gateway.dump(name).filter(({ _openid }) => _openid === openid),
  );
const NOTHING = [[], [], [], []];

async function uploaded(openid: string, sessionId: string): Promise<string> {
  const { cloudPath } = await gateway.as(openid)('recognize', {
    action: 'prepare',
    sessionId,
    format: 'wav',
  });
  const { fileID } = await gateway.cloud.uploadFile({ cloudPath, fileContent: aWav() });
  return fileID;
}
async function exists(fileID: string): Promise<boolean> {
  const { fileList } = await gateway.cloud.getTempFileURL({ fileList: [fileID] });
  const url = fileList[0]?.tempFileURL;
  return Boolean(url) && (await fetch(url ?? '')).ok;
}

/** Sessions in every state, one of them long, statistics, and a file that was never recognised. */
async function seedUser(openid: string): Promise<{ fileID: string }> {
  const of = (kind: string) => `${openid}-${kind}`;
  const { session, pages } = aLongSession(of('long-session'), 165 * 50 + 1, { _openid: openid });
  await gateway.seed(SESSIONS, [
    session,
    ...Array.from({ length: 250 }, (_, i) => aSession(of(`session-${i}`), { _openid: openid })),
    aSession(of('live'), { _openid: openid, state: 'live', counted: null, updatedAt: new Date(), epoch: 3 }),
    aSession(of('deleted'), { _openid: openid, deletedAt: new Date() }),
    aSession(of('cancelled'), { _openid: openid, state: 'cancelled', deletedAt: new Date() }),
    aSession(of('reserved'), { _openid: openid, state: 'cancelled', source: 'oneshot' }),
  ]);
  await gateway.seed(PAGES, pages);
  const counts = { sessions: 1, completed: 1, interrupted: 0, oneshot: 0, sentences: 1, chars: 1 };
  await gateway.seed(
    DAILY_STATS,
    ['2026-11-19', '2026-11-20', 'total'].map((day) => ({
      _id: statsId(openid, day),
      _openid: openid,
      day,
      ...counts,
      durationMs: 1,
      updatedAt: new Date(),
    })),
  );
  return { fileID: await uploaded(openid, 'oneshot-1') };
}

let fileOfA: string;
let fileOfB: string;
beforeEach(async () => {
  fileOfA = (await seedUser(A)).fileID;
  fileOfB = (await seedUser(B)).fileID;
});

test("deletes a user's sessions, pages, statistics and files, and nothing of anybody else's", async () => {
  const others = everythingOf(B);
  const { deleted } = await untilDone();
  expect(deleted).toEqual({ sessions: 255, pages: 165, days: 3, files: 1 });
  expect(everythingOf(A)).toEqual(NOTHING);
  expect(await exists(fileOfA)).toBe(false);
  expect(everythingOf(B)).toEqual(others);
  expect(await exists(fileOfB)).toBe(true);
  expect(await gateway.as(A)('history', { action: 'list' })).toEqual({
    items: [],
    cursor: null,
    pinned: [],
    tags: [],
  });
  expect((await gateway.as(A)('stats', { action: 'totals' })).totals).toMatchObject({ sessions: 0 });
  // once more, there is nothing to do
  expect(await deleteAll()).toEqual({ done: true, deleted: { sessions: 0, pages: 0, days: 0, files: 0 } });
});

test('is refused without the confirmation in the request', async () => {
  for (const confirm of [undefined, false, 'true', 1]) {
    const answer = await gateway.as(A)('history', { action: 'deleteAll', confirm });
    expect(answer).toMatchObject({ code: 'BAD_REQUEST', detail: 'confirm' });
  }
  expect(gateway.session(`${A}-live`)?.deletedAt).toBeNull();
});

test.each([
  ['removing pages', { match: 'database.removeDocument', collection: PAGES }],
  ['removing sessions', { match: 'database.removeDocument', collection: SESSIONS }],
  ['removing statistics', { match: 'database.removeDocument', collection: DAILY_STATS }],
  ['deleting files', { match: 'storage.batchDeleteFile' }],
])('that fails midway while %s shows nothing any more, and goes on at the next call', async (_, rule) => {
  gateway.faults.set({ rules: [{ ...rule, effect: 'refuse', times: 1 }] });
  expect(await deleteAll()).toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true });
  expect((await gateway.as(A)('history', { action: 'list' })).items).toEqual([]);
  expect((await gateway.as(A)('history', { action: 'search', query: '第0句' })).items).toEqual([]);
  await untilDone();
  expect(everythingOf(A)).toEqual(NOTHING);
  expect(await exists(fileOfA)).toBe(false);
});

describe('what goes on meanwhile', () => {
  test('a stream is shut out, and what ends it counts nothing any more', async () => {
    gateway.faults.set({
      rules: [{ match: 'database.removeDocument', collection: SESSIONS, effect: 'refuse', times: 1 }],
    });
    await deleteAll();
    expect(gateway.session(`${A}-live`)).toMatchObject({ epoch: 4 });
    const { outcome } = await completeSession(gateway.transaction, {
      sessionId: `${A}-live`,
      state: 'completed',
      nowMs: Date.now(),
      owner: { epoch: 3, writeSeq: 0 },
    });
    expect(outcome).toBe('fenced');
    await untilDone();
    expect(everythingOf(A)).toEqual(NOTHING);
  });

  test('a removal that arrives late removes nothing that came after it', async () => {
    gateway.faults.set({
      rules: [
        {
          match: 'database.removeDocument',
          collection: DAILY_STATS,
          effect: 'late',
          lateMs: 2_500,
          times: 1,
        },
      ],
    });
    expect(await deleteAll()).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await untilDone();
    const removals = () => gateway.counters.byAction['database.removeDocument'] ?? 0;
    const before = removals();
    const again = aSession(`${A}-again`, {
      state: 'live',
      counted: null,
      updatedAt: new Date(),
      samples: 16_000,
    });
    await gateway.seed(SESSIONS, [again]);
    const nowMs = Date.now();
    await completeSession(gateway.transaction, { sessionId: again._id, state: 'completed', nowMs });
    await expect.poll(removals, { timeout: 10_000, interval: 5 }).toBe(before + 1);
    expect((await gateway.as(A)('stats', { action: 'totals' })).totals).toMatchObject({ sessions: 1 });
  });
});

test('one call takes little time, however much there is, and the next goes on', async () => {
  gateway.faults.set({ rules: [{ match: 'database.*', delayMs: 1_000 }] });
  const startedAt = performance.now();
  expect(await deleteAll()).toMatchObject({ done: false });
  // the app waits 20 s for an answer
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  gateway.faults.clear();
  await untilDone();
  expect(everythingOf(A)).toEqual(NOTHING);
});
