import { expect, test, vi } from 'vitest';
import { RESTORE_WITHIN_MS } from '../contract/limits.ts';
import { SESSIONS } from '../contract/records.ts';
import { functionsForTests } from './shared/testing/functions-gateway.ts';
import { A, aSentence, aSession, B, minutesAgo } from './shared/testing/records.ts';

const gateway = await functionsForTests(['history', 'stats']);

// each test stores and removes thousands of records over the SDK, on a machine that may be busy
vi.setConfig({ testTimeout: 120_000 });

const HIDDEN = 5_000;
const many = (count: number, make: (at: number) => object) =>
  Array.from({ length: count }, (_, at) => make(at));
const id = (kind: string, at: number) => `${kind}-${String(at).padStart(5, '0')}`;

/** Sessions that are shown, older than all that are not; as many of somebody else's. */
const shown = Object.entries({ [A]: 1_000, [B]: HIDDEN + 1_000 }).flatMap(([_openid, count]) =>
  many(count, (at) =>
    aSession(id(`shown-${_openid}`, at), {
      _openid,
      startedAt: minutesAgo(600 + at),
      sentences: { 0: aSentence(0, '目标') },
    }),
  ),
);

test.each([
  ['deleted recently', () => ({ deletedAt: new Date() })],
  ['cancelled recently', () => ({ state: 'cancelled' as const, deletedAt: new Date() })],
])(
  'list and search read what they show, also behind thousands of sessions that were %s',
  async (_, changes) => {
    await gateway.seed(SESSIONS, [
      ...many(HIDDEN, (at) => aSession(id('hidden', at), { startedAt: minutesAgo(at / 60), ...changes() })),
      ...shown,
    ]);
    const list = await gateway.documentsRead(async () => {
      const { items } = await gateway.as(A)('history', { action: 'list' });
      expect(items).toHaveLength(20);
    });
    expect(list).toBeLessThanOrEqual(25);
    const search = await gateway.documentsRead(async () => {
      const { items } = await gateway.as(A)('history', { action: 'search', query: '目标' });
      expect(items).toHaveLength(200);
    });
    expect(search).toBeLessThanOrEqual(210);
  },
);

test('list reads nothing of what others deleted long ago', async () => {
  const deletedAt = new Date(Date.now() - 2 * RESTORE_WITHIN_MS);
  await gateway.seed(SESSIONS, [
    ...many(2_000, (at) => aSession(id('others', at), { _openid: B, deletedAt })),
    ...shown,
  ]);
  const list = await gateway.documentsRead(() => gateway.as(A)('history', { action: 'list' }));
  expect(list).toBeLessThanOrEqual(25);
});

const ORPHAN = { state: 'live' as const, counted: null, updatedAt: minutesAgo(60) };

test.each([
  ["others' orphans", { ...ORPHAN, _openid: B }],
  ['live sessions of their own that they deleted', { ...ORPHAN, deletedAt: new Date() }],
])('the statistics of one user read nothing of %s', async (_, session) => {
  await gateway.seed(SESSIONS, [...many(2_000, (at) => aSession(id('orphan', at), session)), ...shown]);
  for (const action of ['today', 'totals']) {
    const read = await gateway.documentsRead(() => gateway.as(A)('stats', { action }));
    expect(read).toBeLessThanOrEqual(3);
  }
});

test('the timer reads the orphans that it ends, and no live session that was deleted', async () => {
  await gateway.seed(SESSIONS, [
    ...many(2_000, (at) => aSession(id('hidden', at), { ...ORPHAN, deletedAt: new Date() })),
    ...many(3, (at) => aSession(id('orphan', at), ORPHAN)),
    ...shown,
  ]);
  const read = await gateway.documentsRead(async () => {
    expect(await gateway.timer('history', 'purge')).toMatchObject({ orphans: 3 });
  });
  // each orphan is found, and read in its transaction, with its day and total
  expect(read).toBeLessThanOrEqual(3 * 4 + 10);
});
