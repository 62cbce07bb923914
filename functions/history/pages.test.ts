import { expect, test } from 'vitest';
import type { HistoryAnswers, SentenceView } from '../../contract/functions.ts';
import { PAGES, SESSIONS } from '../../contract/records.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aLongSession, aSentence, aSession } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);

const get = (request: object): Promise<HistoryAnswers['get']> =>
  gateway.as(A)('history', { action: 'get', sessionId: 'session-1', ...request });
const range = (from: number, until: number): number[] =>
  Array.from({ length: until - from }, (_, i) => from + i);
const indexesOf = (sentences: SentenceView[]): number[] => sentences.map(({ index }) => index);

async function seedLong(count: number): Promise<void> {
  const { session, pages } = aLongSession('session-1', count);
  await gateway.seed(SESSIONS, [session]);
  await gateway.seed(PAGES, pages);
}

test('a page can begin at any sentence, and reads no more than it shows', async () => {
  await seedLong(5_000);
  for (const from of [0, 1_795, 4_980]) {
    const read = await gateway.documentsRead(async () => {
      const { sentences, cursor } = await get({ from, limit: 200 });
      const until = Math.min(5_000, from + 200);
      expect(indexesOf(sentences)).toEqual(range(from, until));
      expect(cursor === null).toBe(until === 5_000);
    });
    expect(read).toBeLessThanOrEqual(12);
  }
});

test('from anywhere the cursors lead to both ends, each sentence once', async () => {
  await seedLong(730);
  const { sentences, cursor } = await get({ from: 333, limit: 100 });
  let all = sentences;
  for (let next = cursor; next !== null; ) {
    const page = await get({ cursor: next, limit: 100 });
    all = [...all, ...page.sentences];
    next = page.cursor;
  }
  let page = await get({ before: 333, limit: 100 });
  all = [...page.sentences, ...all];
  while (page.cursor !== null) {
    page = await get({ cursor: page.cursor, limit: 100 });
    all = [...page.sentences, ...all];
  }
  expect(indexesOf(all)).toEqual(range(0, 730));
  // the first sentence is known to be it, also at the end of a full page
  expect((await get({ before: 100, limit: 100 })).cursor).toBeNull();
});

test('in a session without pages both directions work too, and beyond its ends there is nothing', async () => {
  const sentences = { 0: aSentence(0), 2: aSentence(2), 3: aSentence(3) };
  await gateway.seed(SESSIONS, [aSession('session-1', { sentences, nextIndex: 4 })]);
  expect(indexesOf((await get({ from: 1 })).sentences)).toEqual([2, 3]);
  const before = await get({ before: 3, limit: 1 });
  expect(indexesOf(before.sentences)).toEqual([2]);
  const first = await get({ cursor: before.cursor });
  expect([indexesOf(first.sentences), first.cursor]).toEqual([[0], null]);
  expect(await get({ from: 9 })).toMatchObject({ sentences: [], cursor: null });
  expect(await get({ before: 0 })).toMatchObject({ sentences: [], cursor: null });
});
