import { expect, test } from 'vitest';
import type { HistoryAnswers } from '../../contract/functions.ts';
import { PAGES, SESSIONS } from '../../contract/records.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aLongSession, aSentence, aSession, B } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);

type Answer = HistoryAnswers['find'];
const find = (request: object): Promise<Answer> =>
  gateway.as(A)('history', { action: 'find', sessionId: 'session-1', ...request });

test('sentences are found as they are shown, in pages and in the tail, in order', async () => {
  const { session, pages } = aLongSession('session-1', 130, {}, (index) =>
    index % 40 === 7 ? `Budget ${index}` : `第${index}句`,
  );
  Object.assign(session.sentences[128] ?? {}, { editedText: '改成 bUDGET' });
  Object.assign(pages[0]?.sentences[7] ?? {}, { editedText: '不再是它' });
  await gateway.seed(SESSIONS, [session]);
  await gateway.seed(PAGES, pages);
  expect(await find({ query: 'budget' })).toEqual({
    indexes: [47, 87, 127, 128],
    sentences: [],
    cursor: null,
  });
});

test('with a limit the sentences come too, without their words, and the cursor goes on', async () => {
  const word = { text: '预', startMs: 0, endMs: 1 };
  const sentences = Object.fromEntries(
    Array.from({ length: 5 }, (_, index) => [index, { ...aSentence(index, `预算${index}`), words: [word] }]),
  );
  Object.assign(sentences[1] ?? {}, { editedText: '预算改' });
  await gateway.seed(SESSIONS, [aSession('session-1', { sentences })]);
  const first = await find({ query: '预算', limit: 2 });
  expect(first).toMatchObject({ indexes: [0, 1], cursor: expect.any(String) });
  expect(first.sentences).toEqual([
    { index: 0, text: '预算0', startMs: 0, endMs: 900 },
    { index: 1, text: '预算改', original: '预算1', startMs: 1_000, endMs: 1_900 },
  ]);
  const second = await find({ query: '预算', limit: 200, cursor: first.cursor });
  expect(second).toMatchObject({ indexes: [2, 3, 4], cursor: null });
});

test('a call reads at most 200 documents of a session, and the cursor goes on to its end', async () => {
  const { session, pages } = aLongSession('session-1', 13_000, {}, (index) =>
    index % 4_000 === 3_999 ? '目标' : '别的',
  );
  await gateway.seed(SESSIONS, [session]);
  await gateway.seed(PAGES, pages);
  const found: number[] = [];
  let calls = 0;
  let cursor: string | null = null;
  do {
    const read = await gateway.documentsRead(async () => {
      const answer = await find({ query: '目标', cursor });
      found.push(...answer.indexes);
      cursor = answer.cursor;
    });
    expect(read).toBeLessThanOrEqual(215);
    calls += 1;
  } while (cursor);
  expect(found).toEqual([3_999, 7_999, 11_999]);
  expect(calls).toBe(2);
});

test("another user's session is not there, and a wrong cursor is refused", async () => {
  await gateway.seed(SESSIONS, [
    aSession('session-1', { _openid: B, sentences: { 0: aSentence(0, '预算') } }),
  ]);
  expect(await find({ query: '预算' })).toMatchObject({ code: 'NOT_FOUND' });
  expect(await find({ query: '预算', cursor: 'x' })).toMatchObject({ code: 'BAD_REQUEST', detail: 'cursor' });
});
