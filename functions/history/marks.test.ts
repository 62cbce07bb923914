import { expect, test } from 'vitest';
import { MAX_MARKS } from '../../contract/limits.ts';
import { SESSIONS } from '../../contract/records.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aSentence, aSession } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);

const ID = 'session-1';
const marks = (change: { add?: number[]; remove?: number[] }, sessionId = ID) =>
  gateway.as(A)('history', { action: 'marks', sessionId, ...change });
const exported = async (format: string): Promise<string> =>
  (await gateway.as(A)('history', { action: 'export', sessionId: ID, format })).content;
const seed = (changes: Parameters<typeof aSession>[1] = {}) =>
  gateway.seed(SESSIONS, [aSession(ID, { sentences: { 0: aSentence(0), 1: aSentence(1) }, ...changes })]);

test('marks are kept once each and in order, also of a session that is still streaming', async () => {
  await seed({ state: 'live', updatedAt: new Date(), endedAt: null, counted: null, writeSeq: 4, epoch: 2 });
  const before = gateway.session(ID);
  expect(await marks({ add: [7_000, 500] })).toEqual({ sessionId: ID, marks: [500, 7_000] });
  expect(await marks({ add: [500, 900] })).toEqual({ sessionId: ID, marks: [500, 900, 7_000] });
  // What the stream's writes depend on is as it was.
  expect(gateway.session(ID)).toEqual({ ...before, marks: { 500: true, 900: true, 7000: true } });
  const { session } = await gateway.as(A)('history', { action: 'get', sessionId: ID });
  expect(session.marks).toEqual([500, 900, 7_000]);
});

test('a removed mark does not come back, whichever request is repeated or late', async () => {
  await seed();
  await marks({ add: [500] });
  await marks({ remove: [500] });
  expect(await marks({ add: [500] })).toMatchObject({ marks: [] });
  // The removal may arrive before what it removes.
  await marks({ remove: [800] });
  expect(await marks({ add: [800, 900] })).toMatchObject({ marks: [900] });
});

test('requests at the same time lose no mark', async () => {
  await seed();
  const all = Array.from({ length: 8 }, (_, at) => at * 1_000);
  await Promise.all(all.map((ms) => marks({ add: [ms] })));
  expect(await marks({})).toMatchObject({ marks: all });
});

test('there are not more than a record may hold', async () => {
  await seed();
  const most = Array.from({ length: MAX_MARKS }, (_, at) => at);
  expect((await marks({ add: most })).marks).toHaveLength(MAX_MARKS);
  expect(await marks({ add: [MAX_MARKS] })).toMatchObject({ code: 'TOO_LARGE', detail: 'marks' });
  expect(await marks({ add: [...most, MAX_MARKS] })).toMatchObject({ code: 'BAD_REQUEST' });
  expect(await marks({ add: [-1] })).toMatchObject({ code: 'BAD_REQUEST' });
  expect((await marks({})).marks).toEqual(most);
});

test('a session without marks says nothing of them, and one that does not exist takes none', async () => {
  await seed();
  const { session } = await gateway.as(A)('history', { action: 'get', sessionId: ID });
  expect(session).not.toHaveProperty('marks');
  expect(await marks({ add: [1] }, 'session-none')).toMatchObject({ code: 'NOT_FOUND' });
});

test('an export has each mark at its place, except subtitles, which the audience reads', async () => {
  await seed({ marks: { 950: true, 5000: true, 300: false } });
  expect(await exported('txt')).toContain(
    '[00:00:00] 第0句\n[00:00:00] 〔标记〕\n[00:00:01] 第1句\n[00:00:05] 〔标记〕\n',
  );
  expect(await exported('vtt')).toContain('第0句\n\nNOTE 〔标记〕 00:00:00.950\n\n');
  expect(await exported('srt')).not.toContain('标记');
  expect(await exported('srt')).toContain('2\n00:00:01,000 -->');
  const { session, pieces } = JSON.parse(await exported('json'));
  expect(session.marks).toEqual([950, 5_000]);
  expect(pieces.map((piece: object) => 'markMs' in piece)).toEqual([false, true, false, true]);
});
