import { afterEach, expect, test } from 'vitest';
import { PAGES, SESSIONS, type SessionRecord } from '../../contract/records.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aLongSession, aSentence, aSession } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);
afterEach(() => gateway.faults.clear());

const ID = 'session-1';
const history = (data: object) => gateway.as(A)('history', { sessionId: ID, ...data });
const stored = () => gateway.session(ID) as SessionRecord;
const seed = (changes: Partial<SessionRecord> = {}) =>
  gateway.seed(SESSIONS, [aSession(ID, { sentences: { 0: aSentence(0) }, preview: '第0句', ...changes })]);

/**
 * Runs `calls` one after the other. The first write that the database is asked for gets no answer, and takes place after all of
 * them. @returns the record before and after that
 */
async function withLateWrite(...calls: object[]): Promise<{ before: SessionRecord; after: SessionRecord }> {
  const writes = () => gateway.counters.byAction['database.modifyDocument'] ?? 0;
  // long enough for the calls to be over
  gateway.faults.set({
    rules: [
      { match: 'database.modifyDocument', collection: SESSIONS, effect: 'late', lateMs: 1_500, times: 1 },
    ],
  });
  for (const [i, call] of calls.entries()) {
    const answer = await history(call);
    // the sentence itself is in a page here: only its preview was not answered
    const isAnswered = i > 0 || stored().tailIndex > 0;
    expect(answer.code).toBe(isAnswered ? undefined : 'STORE_UNAVAILABLE');
  }
  const before = stored();
  const count = writes();
  await expect.poll(writes, { timeout: 10_000, interval: 5 }).toBe(count + 1);
  return { before, after: stored() };
}

test('a deletion that arrives after it was repeated and undone deletes nothing', async () => {
  await seed();
  const { before, after } = await withLateWrite(
    { action: 'delete' },
    { action: 'delete' },
    { action: 'restore' },
  );
  expect(after).toEqual(before);
  expect(after.deletedAt).toBeNull();
});

test('a restoration that is committed after it was repeated, and the session deleted again, restores nothing', async () => {
  await seed();
  await history({ action: 'delete' });
  const commits = () => gateway.counters.byAction['database.commitTransaction'] ?? 0;
  gateway.faults.set({
    rules: [{ match: 'database.commitTransaction', effect: 'late', lateMs: 1_500, times: 1 }],
  });
  expect(await history({ action: 'restore' })).toEqual({ sessionId: ID });
  await history({ action: 'delete' });
  const before = stored();
  const count = commits();
  await expect.poll(commits, { timeout: 10_000, interval: 5 }).toBe(count + 1);
  expect(stored()).toEqual(before);
  expect(before.deletedAt).not.toBeNull();
});

test('a restoration raises the epoch, as a deletion does', async () => {
  await seed({ epoch: 4 });
  await history({ action: 'delete' });
  expect(stored().epoch).toBe(5);
  await history({ action: 'restore' });
  expect(stored().epoch).toBe(6);
  await history({ action: 'restore' });
  expect(stored().epoch).toBe(6);
});

test('an edit that arrives after its repeat and another edit changes nothing', async () => {
  await seed({ writeSeq: 7 });
  const { before, after } = await withLateWrite(
    { action: 'edit', index: 0, text: '先' },
    { action: 'edit', index: 0, text: '先' },
    { action: 'edit', index: 0, text: '后' },
  );
  expect(after).toEqual(before);
  expect(after).toMatchObject({ sentences: { 0: { editedText: '后' } }, preview: '后', writeSeq: 7 });
});

test('an edit that is taken back and arrives after its repeat and a new edit changes nothing', async () => {
  await seed({ sentences: { 0: { ...aSentence(0), editedText: '先' } } });
  const { before, after } = await withLateWrite(
    { action: 'edit', index: 0, text: null },
    { action: 'edit', index: 0, text: null },
    { action: 'edit', index: 0, text: '后' },
  );
  expect(after).toEqual(before);
});

test('a title that arrives after its repeat and another title changes nothing', async () => {
  await seed();
  const { before, after } = await withLateWrite(
    { action: 'rename', title: '先' },
    { action: 'rename', title: '先' },
    { action: 'rename', title: '后' },
  );
  expect(after).toEqual(before);
  expect(after.title).toBe('后');
});

test('a pin that arrives after its repeat and was taken off changes nothing but what it was', async () => {
  await seed({ pinnedAt: new Date(1) });
  const { before, after } = await withLateWrite(
    { action: 'pin', pinned: false },
    { action: 'pin', pinned: false },
    { action: 'pin', pinned: true },
  );
  expect(after).toEqual(before);
  expect(after.pinnedAt).not.toBeNull();
});

test('tags that arrive after their repeat and other tags change nothing', async () => {
  await seed();
  const { before, after } = await withLateWrite(
    { action: 'tags', tags: ['先'] },
    { action: 'tags', tags: ['先'] },
    { action: 'tags', tags: ['后'] },
  );
  expect(after).toEqual(before);
  expect(after.tags).toEqual(['后']);
});

test('a deletion of several that arrives after it was repeated and undone deletes nothing', async () => {
  await seed();
  const sessionIds = [ID];
  const { before, after } = await withLateWrite(
    { action: 'deleteMany', sessionIds },
    { action: 'deleteMany', sessionIds },
    { action: 'restoreMany', sessionIds },
  );
  expect(after).toEqual(before);
  expect(after.deletedAt).toBeNull();
});

test('a preview that arrives after that of a newer edit changes nothing', async () => {
  const { session, pages } = aLongSession(ID, 60, { preview: 'x' });
  await gateway.seed(SESSIONS, [session]);
  await gateway.seed(PAGES, pages);
  const { before, after } = await withLateWrite(
    { action: 'edit', index: 0, text: '甲' },
    { action: 'edit', index: 1, text: '乙' },
  );
  expect(after).toEqual(before);
  expect(after.preview).toMatch(/^甲乙第2句/);
});

test('a mark that arrives after its repeat and its removal stays removed', async () => {
  await seed();
  const { before, after } = await withLateWrite(
    { action: 'marks', add: [500] },
    { action: 'marks', add: [500] },
    { action: 'marks', remove: [500] },
  );
  expect(after).toEqual(before);
  expect(after.marks).toEqual({ 500: false });
});
