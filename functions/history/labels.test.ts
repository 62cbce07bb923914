import { expect, test } from 'vitest';
import { MAX_PINNED, MAX_TAG_CHARS, MAX_TAGS, MAX_TAGS_OFFERED } from '../../contract/limits.ts';
import { SESSIONS } from '../../contract/records.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aSentence, aSession, minutesAgo } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);

const history = (data: object) => gateway.as(A)('history', data);
const list = (data: object = {}) => history({ action: 'list', ...data });
const idsOf = (items: { sessionId: string }[]) => items.map(({ sessionId }) => sessionId);
const numbered = (count: number, changes: (at: number) => object = () => ({})) =>
  Array.from({ length: count }, (_, at) =>
    aSession(`session-${String(at).padStart(3, '0')}`, { startedAt: minutesAgo(at + 1), ...changes(at) }),
  );

test('pinned sessions come with the first page, last pinned first, and stay in their places too', async () => {
  await gateway.seed(SESSIONS, numbered(4));
  expect(await history({ action: 'pin', sessionId: 'session-003', pinned: true })).toEqual({
    sessionId: 'session-003',
    pinnedAt: expect.any(Number),
  });
  await history({ action: 'pin', sessionId: 'session-001', pinned: true });
  const first = await list({ limit: 2 });
  expect(idsOf(first.pinned)).toEqual(['session-001', 'session-003']);
  expect(first.pinned[0].pinnedAt).toBeGreaterThanOrEqual(first.pinned[1].pinnedAt);
  expect(idsOf(first.items)).toEqual(['session-000', 'session-001']);
  const second = await list({ limit: 2, cursor: first.cursor });
  expect(idsOf(second.items)).toEqual(['session-002', 'session-003']);
  expect(second).not.toHaveProperty('pinned');
  expect(second).not.toHaveProperty('tags');
});

test('pinning is repeated without effect, and taken back; a deleted session is pinned no more until it is restored', async () => {
  await gateway.seed(SESSIONS, numbered(1));
  const sessionId = 'session-000';
  const pin = (pinned: boolean) => history({ action: 'pin', sessionId, pinned });
  const first = await pin(true);
  expect(await pin(true)).toEqual(first);
  await history({ action: 'delete', sessionId });
  expect((await list()).pinned).toEqual([]);
  expect(await pin(false)).toMatchObject({ code: 'NOT_FOUND' });
  await history({ action: 'restore', sessionId });
  expect(idsOf((await list()).pinned)).toEqual([sessionId]);
  expect(await pin(false)).toEqual({ sessionId, pinnedAt: null });
  expect((await list()).pinned).toEqual([]);
});

test('no more than the limit can be pinned', async () => {
  await gateway.seed(
    SESSIONS,
    numbered(MAX_PINNED + 1, (at) => (at === 0 ? {} : { pinnedAt: minutesAgo(at) })),
  );
  const pin = (at: string, pinned: boolean) => history({ action: 'pin', sessionId: `session-${at}`, pinned });
  expect(await pin('000', true)).toMatchObject({ code: 'TOO_MANY_PINNED', retriable: false });
  await pin('007', false);
  expect(await pin('000', true)).toHaveProperty('pinnedAt');
});

test('tags are replaced as a whole, each once, and a summary has them', async () => {
  await gateway.seed(SESSIONS, numbered(1));
  const before = gateway.session('session-000');
  const setTags = (tags: unknown) => history({ action: 'tags', sessionId: 'session-000', tags });
  expect(await setTags([' 周会 ', '客户', '周会'])).toEqual({
    sessionId: 'session-000',
    tags: ['周会', '客户'],
  });
  expect((await list()).items[0].tags).toEqual(['周会', '客户']);
  expect(await setTags([])).toEqual({ sessionId: 'session-000', tags: [] });
  expect((await list()).items[0]).not.toHaveProperty('tags');
  expect(gateway.session('session-000')).toEqual({ ...before, tags: [], taggedAt: null });
});

test('a tag that is empty, too long or not well-formed, and too many of them, are refused', async () => {
  await gateway.seed(SESSIONS, numbered(1));
  const tooMany = Array.from({ length: MAX_TAGS + 1 }, (_, at) => `t${at}`);
  for (const tags of [
    [''],
    ['  '],
    ['x'.repeat(MAX_TAG_CHARS + 1)],
    ['\ud83d'],
    tooMany,
    'x',
    [{ $gt: '' }],
  ]) {
    expect(await history({ action: 'tags', sessionId: 'session-000', tags })).toMatchObject({
      code: 'BAD_REQUEST',
      detail: expect.stringMatching(/^tags/),
    });
  }
});

test('a list of one tag has all sessions of it, page by page, and of those pinned only its own', async () => {
  const sessions = numbered(30, (at) => ({
    tags: at % 3 === 0 ? ['别的', '周会'] : ['别的'],
    taggedAt: minutesAgo(at),
    ...(at < 2 && { pinnedAt: minutesAgo(at) }),
  }));
  await gateway.seed(SESSIONS, sessions);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const answer = await list({ tag: '周会', limit: 4, cursor });
    if (cursor === null) expect(idsOf(answer.pinned)).toEqual(['session-000']);
    seen.push(...idsOf(answer.items));
    cursor = answer.cursor;
  } while (cursor);
  expect(seen).toEqual(sessions.filter((_, at) => at % 3 === 0).map(({ _id }) => _id));
  expect((await list({ tag: '没有' })).items).toEqual([]);
});

test('the tags that were given last are offered, so many and no more', async () => {
  await gateway.seed(
    SESSIONS,
    numbered(MAX_TAGS_OFFERED, (at) => ({ tags: [`标签${at}`, '都有'], taggedAt: minutesAgo(at + 1) })),
  );
  await history({ action: 'tags', sessionId: 'session-020', tags: ['新的'] });
  const { tags } = await list();
  expect(tags.slice(0, 4)).toEqual(['新的', '标签0', '都有', '标签1']);
  expect(tags).toHaveLength(MAX_TAGS_OFFERED);
});

test('pins and tags are those of a live session too, whose owner never writes them', async () => {
  const live = { state: 'live' as const, endedAt: null, counted: null, updatedAt: new Date() };
  await gateway.seed(
    SESSIONS,
    numbered(1, () => ({ ...live, sentences: { 0: aSentence(0) } })),
  );
  await history({ action: 'pin', sessionId: 'session-000', pinned: true });
  await history({ action: 'tags', sessionId: 'session-000', tags: ['现场'] });
  const { items, pinned } = await list();
  expect(items).toMatchObject([{ state: 'live', tags: ['现场'] }]);
  expect(pinned).toMatchObject([{ sessionId: 'session-000', tags: ['现场'] }]);
});

test('search finds tags', async () => {
  await gateway.seed(
    SESSIONS,
    numbered(2, (at) => ({ tags: at === 1 ? ['客户拜访', '拜年'] : [] })),
  );
  const { items } = await history({ action: 'search', query: '拜' });
  expect(items).toEqual([
    {
      session: expect.objectContaining({ sessionId: 'session-001' }),
      matches: [
        { index: -2, text: '客户拜访', startMs: 0, ranges: [[2, 3]] },
        { index: -2, text: '拜年', startMs: 0, ranges: [[0, 1]] },
      ],
    },
  ]);
});

test('a first page reads few documents, however many sessions there are', async () => {
  await gateway.seed(
    SESSIONS,
    numbered(900, (at) => (at % 100 === 0 ? { pinnedAt: minutesAgo(at) } : {})),
  );
  await history({ action: 'list', limit: 20 });
  expect(await gateway.documentsRead(() => list({ limit: 20 }))).toBeLessThanOrEqual(60);
});

test('a page of one tag reads what it shows, however many sessions have others', async () => {
  await gateway.seed(
    SESSIONS,
    numbered(900, (at) => ({ tags: [at % 90 === 0 ? '客户' : '周会', '全部'], taggedAt: minutesAgo(at) })),
  );
  const { cursor } = await list({ limit: 3, tag: '客户' });
  const read = await gateway.documentsRead(async () => {
    const { items } = await list({ limit: 3, tag: '客户', cursor });
    expect(idsOf(items)).toEqual(['session-270', 'session-360', 'session-450']);
  });
  // one more than shown tells whether there is a next page, and the cursor's own position is passed
  expect(read).toBeLessThanOrEqual(3 + 1 + 1);
});
