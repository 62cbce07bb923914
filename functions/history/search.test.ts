import { expect, test } from 'vitest';
import type { HistoryAnswers } from '../../contract/functions.ts';
import { PAGES, SESSIONS } from '../../contract/records.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aLongSession, aSentence, aSession, minutesAgo } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);

type Answer = HistoryAnswers['search'];
const search = (query: string, cursor: string | null = null): Promise<Answer> =>
  gateway.as(A)('history', { action: 'search', query, cursor });

test('search is literal: no character of the query is a wildcard', async () => {
  const texts = ['a.c', 'abc', '1+1=2', '(x)[y]{z}', '$100^2', 'a|b', 'c\\d', '/路/', '星*号?', '-a-'];
  await gateway.seed(SESSIONS, [
    aSession('session-1', {
      sentences: Object.fromEntries(texts.map((text, index) => [index, aSentence(index, text)])),
    }),
  ]);
  const queries = { 'a.c': [0], '.': [0], '1+1': [2], '(x)[y]{z}': [3], $: [4], '^': [4], '|': [5] };
  const others = { '\\': [6], '\\d': [6], '/路/': [7], '*': [8], '?': [8], '-': [9], '.*': [] };
  for (const [query, expected] of Object.entries({ ...queries, ...others })) {
    const found = (await search(query)).items.flatMap(({ matches }) => matches.map(({ index }) => index));
    expect([query, found]).toEqual([query, expected]);
  }
});

test('titles, edits, pages and tails are searched, Latin letters in either case, with the places of the matches', async () => {
  const { session, pages } = aLongSession('long-session', 60, { title: 'Hello 会议' }, (index) =>
    index === 3 ? '说 hello 又 HELLO' : index === 58 ? '😀hello' : `第${index}句`,
  );
  Object.assign(session.sentences[59] ?? {}, { editedText: '改成 hELLo' });
  await gateway.seed(SESSIONS, [session, aSession('other-0001', { sentences: { 0: aSentence(0, '无关') } })]);
  await gateway.seed(PAGES, pages);
  const { items, cursor, searchedUntil } = await search('Hello');
  expect({ cursor, searchedUntil }).toEqual({ cursor: null, searchedUntil: null });
  expect(items.map((item) => item.session.sessionId)).toEqual(['long-session']);
  expect(items[0]?.matches).toEqual([
    { index: -1, text: 'Hello 会议', startMs: 0, ranges: [[0, 5]] },
    {
      index: 3,
      text: '说 hello 又 HELLO',
      startMs: 3_000,
      ranges: [
        [2, 7],
        [10, 15],
      ],
    },
    { index: 58, text: '😀hello', startMs: 58_000, ranges: [[2, 7]] },
    { index: 59, text: '改成 hELLo', startMs: 59_000, ranges: [[3, 8]] },
  ]);
  // an edited sentence is searched as it is shown
  expect((await search('第59句')).items).toEqual([]);
});

test('search reads at most 200 documents a call and goes on by cursor until all is searched, newest first', async () => {
  const sessions = Array.from({ length: 450 }, (_, i) =>
    aSession(`session-${String(i).padStart(4, '0')}`, {
      startedAt: minutesAgo(i),
      sentences: { 0: aSentence(0, i % 100 === 99 ? '目标' : '别的') },
    }),
  );
  await gateway.seed(SESSIONS, sessions);
  const found: string[] = [];
  const until: (number | null)[] = [];
  let cursor: string | null = null;
  do {
    const read = await gateway.documentsRead(async () => {
      const answer = await search('目标', cursor);
      found.push(...answer.items.map(({ session }) => session.sessionId));
      until.push(answer.searchedUntil);
      cursor = answer.cursor;
    });
    expect(read).toBeLessThanOrEqual(210);
  } while (cursor);
  expect(found).toEqual(['session-0099', 'session-0199', 'session-0299', 'session-0399']);
  expect(until).toEqual([sessions[199]?.startedAt.getTime(), sessions[399]?.startedAt.getTime(), null]);
});

test('search stops within a long session and goes on there', async () => {
  const long = aLongSession('long-session', 13_000, { startedAt: minutesAgo(1) }, (index) =>
    index % 4_000 === 3_999 ? '目标' : '别的',
  );
  const older = aSession('older-0001', { startedAt: minutesAgo(2), sentences: { 0: aSentence(0, '目标') } });
  await gateway.seed(SESSIONS, [long.session, older]);
  await gateway.seed(PAGES, long.pages);
  const found: string[] = [];
  let calls = 0;
  let cursor: string | null = null;
  do {
    const answer: Answer = await search('目标', cursor);
    for (const { session, matches } of answer.items) {
      found.push(...matches.map(({ index }) => `${session.sessionId} ${index}`));
    }
    cursor = answer.cursor;
    calls += 1;
  } while (cursor);
  expect(found).toEqual(['long-session 3999', 'long-session 7999', 'long-session 11999', 'older-0001 0']);
  expect(calls).toBe(2);
});
