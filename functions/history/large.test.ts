import { beforeAll, expect, test } from 'vitest';
import { PAGES, SESSIONS } from '../../contract/records.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aLongSession, aSession, B } from '../shared/testing/records.ts';

const SESSIONS_OF_A = 10_000;
const SENTENCES = 5_000;

const gateway = await functionsForTests(['history'], { keepRecords: true });
beforeAll(async () => {
  const newest = Date.now() - 60_000;
  const sessions = Array.from({ length: SESSIONS_OF_A }, (_, i) =>
    aSession(`session-${String(i).padStart(5, '0')}`, {
      startedAt: new Date(newest - i * 1_000),
      _openid: A,
    }),
  );
  const { session, pages } = aLongSession('long-session', SENTENCES, { startedAt: new Date(newest + 1_000) });
  await gateway.seed(SESSIONS, [session, ...sessions, aSession('b-session', { _openid: B })]);
  await gateway.seed(PAGES, pages);
});

const history = (data: object) => gateway.as(A)('history', data);

test('a page of the list reads about as many documents as it shows, the first page and one far down', async () => {
  const limit = 50;
  let cursor: string | null = null;
  const seen = new Set<string>();
  for (let page = 0; page < 20; page += 1) {
    const read = await gateway.documentsRead(async () => {
      const answer = await history({ action: 'list', limit, cursor });
      for (const { sessionId } of answer.items) seen.add(sessionId);
      cursor = answer.cursor;
    });
    expect(read).toBeLessThanOrEqual(limit + 3);
  }
  expect(seen.size).toBe(20 * limit);
});

test('a page of a 5,000-sentence session reads its own pages of sentences, wherever it lies', async () => {
  const indexes: number[] = [];
  let cursor: string | null = null;
  do {
    const { requests } = gateway.counters;
    const read = await gateway.documentsRead(async () => {
      const answer = await history({ action: 'get', sessionId: 'long-session', limit: 500, cursor });
      for (const { index } of answer.sentences) indexes.push(index);
      cursor = answer.cursor;
    });
    expect(gateway.counters.requests - requests).toBeLessThanOrEqual(4);
    // the session, ten pages of 50, and one more where the reading went on
    expect(read).toBeLessThanOrEqual(1 + 10 + 11);
  } while (cursor);
  expect(indexes).toEqual(Array.from({ length: SENTENCES }, (_, i) => i));
});

test('an edit deep in a long session reads the session and one page', async () => {
  const read = await gateway.documentsRead(() =>
    history({ action: 'edit', sessionId: 'long-session', index: 2_345, text: '改' }),
  );
  expect(read).toBeLessThanOrEqual(4);
});

test('an export of a long session comes in parts that make one whole, with times right across pages', async () => {
  let content = '';
  let cursor: string | null = null;
  do {
    const answer = await history({ action: 'export', sessionId: 'long-session', format: 'srt', cursor });
    content += answer.content;
    cursor = answer.cursor;
  } while (cursor);
  const cues = content.trimEnd().split('\n\n');
  expect(cues).toHaveLength(SENTENCES);
  expect(cues[2_345]).toBe('2346\n00:39:05,000 --> 00:39:05,900\n改');
  expect(cues[4_999]).toBe('5000\n01:23:19,000 --> 01:23:19,900\n第4999句');
});
