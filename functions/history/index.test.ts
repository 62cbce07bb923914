import { expect, test } from 'vitest';
import {
  DAILY_STATS,
  PAGES,
  SESSIONS,
  type SessionRecord,
  type StatsRecord,
} from '../../contract/records.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aLongSession, aSentence, aSession, minutesAgo } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);

const history = (data: object) => gateway.as(A)('history', data);
const idsOf = (answer: { items: { sessionId: string }[] }) => answer.items.map(({ sessionId }) => sessionId);

test('list shows live, completed and interrupted sessions, newest first, and neither cancelled nor deleted ones', async () => {
  await gateway.seed(SESSIONS, [
    aSession('completed-1', { startedAt: minutesAgo(3) }),
    aSession('live-0001', { state: 'live', startedAt: minutesAgo(1), endedAt: null, counted: null }),
    aSession('interrupted', { state: 'interrupted', startedAt: minutesAgo(2) }),
    aSession('cancelled-1', { state: 'cancelled' }),
    aSession('deleted-01', { deletedAt: new Date() }),
  ]);
  const answer = await history({ action: 'list' });
  expect(idsOf(answer)).toEqual(['live-0001', 'interrupted', 'completed-1']);
  expect(answer.items.map(({ state }: SessionRecord) => state)).toEqual(['live', 'interrupted', 'completed']);
  expect(answer.cursor).toBeNull();
});

test('a summary tells all that a list shows, in plain numbers', async () => {
  const startedAt = new Date(1_760_000_000_000);
  const losses = [{ startMs: 100, endMs: 3_300, reason: 'client-gap' as const }];
  await gateway.seed(SESSIONS, [
    aSession('session-1', {
      title: '周会',
      preview: '大家好',
      startedAt,
      endedAt: new Date(1_760_000_005_000),
      samples: 80_000,
      sentenceCount: 2,
      charCount: 9,
      losses,
    }),
  ]);
  expect((await history({ action: 'list' })).items).toEqual([
    {
      sessionId: 'session-1',
      source: 'stream',
      state: 'completed',
      engine: '16k_zh',
      title: '周会',
      preview: '大家好',
      startedAt: 1_760_000_000_000,
      endedAt: 1_760_000_005_000,
      durationMs: 5_000,
      sentenceCount: 2,
      charCount: 9,
      losses,
    },
  ]);
});

test('pages of a list neither repeat nor miss a session, with equal times and while new ones appear', async () => {
  const at = minutesAgo(10);
  const ids = Array.from({ length: 23 }, (_, i) => `same-time-${String(i).padStart(2, '0')}`);
  await gateway.seed(
    SESSIONS,
    ids.map((id) => aSession(id, { startedAt: at })),
  );
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const answer = await history({ action: 'list', limit: 5, cursor });
    seen.push(...idsOf(answer));
    cursor = answer.cursor;
    await gateway.seed(SESSIONS, [aSession(`newer-than-page-${seen.length}`, { startedAt: new Date() })]);
  } while (cursor);
  expect(seen).toEqual([...ids].reverse());
});

test('get answers the sentences of pages and tail in order, edits applied, page by page', async () => {
  const { session, pages } = aLongSession('long-session', 130);
  const [first] = pages;
  Object.assign(first?.sentences[7] ?? {}, { editedText: '改过' });
  Object.assign(session.sentences[101] ?? {}, { words: [{ text: '第', startMs: 0, endMs: 1 }] });
  await gateway.seed(SESSIONS, [session]);
  await gateway.seed(PAGES, pages);

  const sentences: { index: number; text: string }[] = [];
  const sizes: number[] = [];
  let cursor: string | null = null;
  do {
    const answer = await history({ action: 'get', sessionId: 'long-session', limit: 60, cursor });
    expect(answer.session).toMatchObject({ sessionId: 'long-session', sentenceCount: 130 });
    sizes.push(answer.sentences.length);
    sentences.push(...answer.sentences);
    cursor = answer.cursor;
  } while (cursor);

  expect(sizes).toEqual([60, 60, 10]);
  expect(sentences.map(({ index }) => index)).toEqual(Array.from({ length: 130 }, (_, i) => i));
  expect(sentences[7]).toEqual({ index: 7, text: '改过', original: '第7句', startMs: 7_000, endMs: 7_900 });
  expect(sentences[8]).toEqual({ index: 8, text: '第8句', startMs: 8_000, endMs: 8_900 });
  expect(sentences[101]).toHaveProperty('words', [{ text: '第', startMs: 0, endMs: 1 }]);
});

test('get shows the stored sentences and not the unfinished one', async () => {
  await gateway.seed(SESSIONS, [
    aSession('live-0001', {
      state: 'live',
      endedAt: null,
      counted: null,
      updatedAt: new Date(),
      sentences: { 0: aSentence(0) },
      pending: aSentence(1),
    }),
  ]);
  const { sentences } = await history({ action: 'get', sessionId: 'live-0001' });
  expect(sentences).toHaveLength(1);
});

test('a session without an owner is completed as interrupted by the function that reads it, and counted once', async () => {
  const orphan = (id: string) =>
    aSession(id, {
      state: 'live',
      endedAt: null,
      counted: null,
      startedAt: minutesAgo(5),
      sentences: { 0: aSentence(0, '你好') },
      pending: { text: '世界', startMs: 1_000, endMs: 1_500 },
      samples: 32_000,
    });
  await gateway.seed(SESSIONS, [orphan('orphan-list'), orphan('orphan-get-')]);
  const got = await history({ action: 'get', sessionId: 'orphan-get-' });
  expect(got.session.state).toBe('interrupted');
  expect(got.sentences.map(({ text }: { text: string }) => text)).toEqual(['你好', '世界']);

  const [one, two] = await Promise.all([history({ action: 'list' }), history({ action: 'list' })]);
  expect(one.items.map(({ state }: SessionRecord) => state)).toEqual(['interrupted', 'interrupted']);
  expect(two.items).toHaveLength(2);
  const totals = gateway.dump(DAILY_STATS).filter(({ day }) => day === 'total') as unknown as StatsRecord[];
  expect(totals).toMatchObject([{ sessions: 2, interrupted: 2, sentences: 4, chars: 8, durationMs: 4_000 }]);
  expect(gateway.session('orphan-list')?.epoch).toBe(2);
});

test('rename sets the title, also to the same one, and nothing else', async () => {
  await gateway.seed(SESSIONS, [aSession('session-1')]);
  const before = gateway.session('session-1');
  expect(await history({ action: 'rename', sessionId: 'session-1', title: ' 新标题 ' })).toEqual({
    sessionId: 'session-1',
    title: '新标题',
  });
  expect(await history({ action: 'rename', sessionId: 'session-1', title: '新标题' })).toHaveProperty(
    'title',
  );
  expect(gateway.session('session-1')).toEqual({ ...before, title: '新标题' });
  expect(await history({ action: 'rename', sessionId: 'not-there', title: 'x' })).toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('edit changes the shown text and null brings back what was recognised, in tail and page', async () => {
  const { session, pages } = aLongSession('long-session', 60);
  await gateway.seed(SESSIONS, [session]);
  await gateway.seed(PAGES, pages);
  for (const index of [3, 55]) {
    const edit = (text: string | null) =>
      history({ action: 'edit', sessionId: 'long-session', index, text }).then(({ sentence }) => sentence);
    const recognised = { index, text: `第${index}句`, startMs: index * 1_000, endMs: index * 1_000 + 900 };
    const edited = { ...recognised, text: '改成$这样.', original: `第${index}句` };
    expect(await edit('改成$这样.')).toEqual(edited);
    expect(await edit('改成$这样.')).toEqual(edited);
    expect(await edit(null)).toEqual(recognised);
    expect(await edit(recognised.text)).toEqual(recognised);
    const { sentences } = await history({ action: 'get', sessionId: 'long-session', limit: 100 });
    expect(sentences[index]).toEqual(recognised);
  }
  expect(JSON.stringify([gateway.dump(PAGES), gateway.dump(SESSIONS)])).not.toContain('editedText');
  expect(await history({ action: 'edit', sessionId: 'long-session', index: 60, text: 'x' })).toMatchObject({
    code: 'NOT_FOUND',
    detail: 'index',
  });
});

test('the preview is that of the edited text, except while the session is live', async () => {
  const { session, pages } = aLongSession('long-session', 60, { preview: '旧' });
  await gateway.seed(SESSIONS, [
    session,
    aSession('short-one', {
      sentences: { 0: aSentence(0, '你好。'), 1: aSentence(1, '世界。') },
      preview: '旧',
    }),
    aSession('live-0001', {
      state: 'live',
      updatedAt: new Date(),
      sentences: { 0: aSentence(0) },
      nextIndex: 1,
      preview: '旧',
    }),
  ]);
  await gateway.seed(PAGES, pages);
  for (const sessionId of ['long-session', 'short-one', 'live-0001']) {
    await history({ action: 'edit', sessionId, index: 0, text: '改' });
  }
  const previews = ['long-session', 'short-one', 'live-0001'].map((id) => gateway.session(id)?.preview);
  expect(previews).toEqual([expect.stringMatching(/^改第1句第2句/), '改世界。', '旧']);
  expect(previews[0]).toHaveLength(80);
});
