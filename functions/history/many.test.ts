import { expect, test } from 'vitest';
import { MAX_SESSIONS_AT_ONCE, RESTORE_WITHIN_MS } from '../../contract/limits.ts';
import { DAILY_STATS, SESSIONS } from '../../contract/records.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aSentence, aSession, B, minutesAgo } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);

const history = (data: object) => gateway.as(A)('history', data);
const removeMany = (...sessionIds: string[]) => history({ action: 'deleteMany', sessionIds });
const restoreMany = (...sessionIds: string[]) => history({ action: 'restoreMany', sessionIds });
const shownIds = async () =>
  (await history({ action: 'list', limit: 50 })).items.map(
    ({ sessionId }: { sessionId: string }) => sessionId,
  );
const idOf = (at: number) => `session-${String(at).padStart(3, '0')}`;
const numbered = (count: number) =>
  Array.from({ length: count }, (_, at) => aSession(idOf(at), { startedAt: minutesAgo(at + 1) }));

test('several are deleted at once, and restored at once to what they were', async () => {
  await gateway.seed(SESSIONS, numbered(3));
  const before = gateway.dump(SESSIONS);
  const { deleted, missing } = await removeMany(idOf(0), idOf(2), idOf(0));
  expect(deleted.map(({ sessionId }: { sessionId: string }) => sessionId).sort()).toEqual([idOf(0), idOf(2)]);
  for (const { restorableUntil } of deleted)
    expect(restorableUntil).toBeGreaterThan(Date.now() + RESTORE_WITHIN_MS - 60_000);
  expect(missing).toEqual([]);
  expect(await shownIds()).toEqual([idOf(1)]);
  expect((await removeMany(idOf(0), idOf(2))).deleted).toEqual(expect.arrayContaining(deleted));
  expect(gateway.session(idOf(0))?.epoch).toBe(2);

  expect(await restoreMany(idOf(0), idOf(1), idOf(2))).toEqual({
    restored: expect.arrayContaining([idOf(0), idOf(1), idOf(2)]),
    missing: [],
  });
  const after = gateway.dump(SESSIONS).map((session) => ({ ...session, epoch: 1 }));
  expect(after).toEqual(before);
  expect(gateway.dump(DAILY_STATS)).toEqual([]);
});

test("what does not exist, is another's or was cancelled is named, and hinders no other", async () => {
  await gateway.seed(SESSIONS, [
    ...numbered(1),
    aSession('of-another', { _openid: B }),
    aSession('cancelled-1', { state: 'cancelled' }),
  ]);
  const others = ['of-another', 'cancelled-1', 'not-there'];
  expect(await removeMany(idOf(0), ...others)).toMatchObject({
    deleted: [{ sessionId: idOf(0) }],
    missing: others,
  });
  expect(await restoreMany(idOf(0), ...others)).toEqual({ restored: [idOf(0)], missing: others });
  expect(gateway.session('of-another')?.deletedAt).toBeNull();
});

test('what was deleted too long ago is not restored', async () => {
  const deletedAt = new Date(Date.now() - RESTORE_WITHIN_MS - 1_000);
  await gateway.seed(SESSIONS, [aSession('too-old-01', { deletedAt }), ...numbered(1)]);
  expect(await restoreMany('too-old-01', idOf(0))).toEqual({ restored: [idOf(0)], missing: ['too-old-01'] });
});

test('one that was live when it was deleted is interrupted when it is restored, and counted, as if it were the only one', async () => {
  const live = aSession('live-00001', {
    state: 'live',
    endedAt: null,
    counted: null,
    updatedAt: new Date(),
    sentences: { 0: aSentence(0) },
  });
  await gateway.seed(SESSIONS, [live, ...numbered(2)]);
  await removeMany('live-00001', idOf(0), idOf(1));
  expect((await restoreMany('live-00001', idOf(0), idOf(1))).restored).toHaveLength(3);
  expect(gateway.session('live-00001')).toMatchObject({ state: 'interrupted', deletedAt: null });
  expect(gateway.dump(DAILY_STATS).find(({ day }) => day === 'total')).toMatchObject({
    sessions: 1,
    interrupted: 1,
  });
});

test('as many as are allowed cost a handful of requests; more are refused', async () => {
  const sessions = numbered(MAX_SESSIONS_AT_ONCE);
  await gateway.seed(SESSIONS, sessions);
  const ids = sessions.map(({ _id }) => _id);
  const before = gateway.counters.byAction['database.modifyDocument'] ?? 0;
  expect((await removeMany(...ids)).deleted).toHaveLength(MAX_SESSIONS_AT_ONCE);
  expect((await restoreMany(...ids)).restored).toHaveLength(MAX_SESSIONS_AT_ONCE);
  expect((gateway.counters.byAction['database.modifyDocument'] ?? 0) - before).toBe(2);
  expect(await removeMany(...ids, 'one-more-1')).toMatchObject({ code: 'BAD_REQUEST', detail: 'sessionIds' });
});

test('reads those that are named, however many there are', async () => {
  await gateway.seed(SESSIONS, numbered(300));
  const some = [3, 100, 250].map(idOf);
  const deleting = await gateway.documentsRead(async () => {
    expect((await removeMany(...some)).deleted).toHaveLength(3);
  });
  const restoring = await gateway.documentsRead(async () => {
    expect((await restoreMany(...some)).restored).toHaveLength(3);
  });
  // each is read, and then changed
  expect([deleting, restoring]).toEqual([6, 6]);
});
