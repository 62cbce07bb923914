import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import {
  DAILY_STATS,
  PAGES,
  SCHEMA_VERSION,
  SESSIONS,
  type SessionRecord,
  statsId,
  type Versioned,
} from '../../contract/records.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aLongSession, aSentence, aSession, minutesAgo } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history', 'stats']);

const history = (data: object) => gateway.as(A)('history', data);
const stats = (data: object) => gateway.as(A)('stats', data);
const NEXT = SCHEMA_VERSION + 1;
/** Of a release whose records this one must not read, and of one whose it may. */
const TOO_NEW: Versioned = { schemaVersion: NEXT, oldestReader: NEXT };
const NEWER: Versioned = { schemaVersion: NEXT, oldestReader: SCHEMA_VERSION };
const REFUSED = { code: 'RECORD_TOO_NEW', retriable: true };
const SPOKEN = { sentences: { 0: aSentence(0) }, title: '标题' };
const DAY_MS = 24 * 60 * 60_000;
/** Deleted so long ago that it cannot be restored. */
const LONG_AGO = new Date(Date.now() - 2 * DAY_MS);

/** As a release without versions wrote it. @param without more of its fields that it had not */
function unversioned(record: object, ...without: (keyof SessionRecord)[]): object {
  const dropped = new Set<string>(['schemaVersion', 'oldestReader', ...without]);
  return Object.fromEntries(Object.entries(record).filter(([name]) => !dropped.has(name)));
}

describe('records without a version', () => {
  test('of a long session are listed, read, searched, exported and edited, and their pages too', async () => {
    const { session, pages } = aLongSession('session-old', 120);
    await gateway.seed(SESSIONS, [unversioned(session, 'writeSeq', 'checkpoint')]);
    await gateway.seed(
      PAGES,
      pages.map((page) => unversioned(page)),
    );
    const { items } = await history({ action: 'list' });
    expect(items).toMatchObject([{ sessionId: 'session-old', sentenceCount: 120 }]);
    const got = await history({ action: 'get', sessionId: 'session-old', limit: 500 });
    expect(got.sentences.map(({ index }: { index: number }) => index)).toEqual(
      Array.from({ length: 120 }, (_, index) => index),
    );
    const { content } = await history({ action: 'export', sessionId: 'session-old', format: 'txt' });
    expect(content.split('\n').filter((line: string) => /第\d+句/.test(line))).toHaveLength(120);
    expect((await history({ action: 'search', query: '第7句' })).items[0].matches).toMatchObject([
      { index: 7 },
    ]);
    expect(await history({ action: 'edit', sessionId: 'session-old', index: 7, text: '改过' })).toMatchObject(
      { sentence: { text: '改过', original: '第7句' } },
    );
  });

  test('whichever of the optional fields they lack, are answered like whole ones', async () => {
    const optional = ['writeSeq', 'checkpoint', 'overlap', 'pending', 'promotedIndex', 'counted'] as const;
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const given = fc.sample(
      fc.record({
        missing: fc.subarray([...optional, 'deletedAt', 'losses', 'title', 'preview'] as const),
        texts: fc.array(text, { maxLength: 5 }),
        state: fc.constantFrom('completed' as const, 'interrupted' as const),
      }),
      { numRuns: 20, seed: 7 },
    );
    for (const [n, { missing, texts, state }] of given.entries()) {
      const sentences = Object.fromEntries(texts.map((one, index) => [index, aSentence(index, one)]));
      const whole = aSession(`session-whole-${n}`, { sentences, state, startedAt: minutesAgo(n) });
      await gateway.seed(SESSIONS, [whole, unversioned({ ...whole, _id: `session-part-${n}` }, ...missing)]);
      const answers = await Promise.all(
        ['whole', 'part'].map(async (kind) => {
          const sessionId = `session-${kind}-${n}`;
          const got = await history({ action: 'get', sessionId });
          const exported = await history({ action: 'export', sessionId, format: 'json' });
          return JSON.stringify([got, exported]).replaceAll(sessionId, 'id');
        }),
      );
      expect(answers[0]).toContain('"sessionId":"id"');
      expect(answers[1]).toBe(answers[0]);
    }
    expect((await history({ action: 'list', limit: 50 })).items).toHaveLength(2 * given.length);
  });

  test('that lost their owner are ended and counted by the timer, those deleted long ago are removed', async () => {
    const live = { state: 'live' as const, endedAt: null, counted: null, updatedAt: minutesAgo(10) };
    const pending = { text: '没说完', startMs: 2_000, endMs: 2_500 };
    await gateway.seed(SESSIONS, [
      unversioned(aSession('session-live', { ...SPOKEN, ...live, pending }), 'writeSeq', 'checkpoint'),
      unversioned(aSession('session-gone', { deletedAt: LONG_AGO }), 'writeSeq'),
    ]);
    const day = { _id: statsId(A, 'total'), _openid: A, day: 'total', sessions: 1, completed: 1, chars: 2 };
    await gateway.seed(DAILY_STATS, [day]);
    await gateway.timer('history', 'purge');
    expect(gateway.session('session-gone')).toBeUndefined();
    expect(gateway.session('session-live')).toMatchObject({
      state: 'interrupted',
      schemaVersion: SCHEMA_VERSION,
      sentenceCount: 2,
    });
    expect(await stats({ action: 'totals' })).toMatchObject({
      totals: { sessions: 2, completed: 1, interrupted: 1, oneshot: 0 },
    });
  });
});

describe('records of a newer release', () => {
  test('that this one may read are shown like its own', async () => {
    await gateway.seed(SESSIONS, [{ ...aSession('session-1', SPOKEN), ...NEWER, future: { a: 1 } }]);
    expect((await history({ action: 'list' })).items).toMatchObject([{ sessionId: 'session-1' }]);
    expect(await history({ action: 'get', sessionId: 'session-1' })).toMatchObject({
      sentences: [{ index: 0 }],
    });
  });

  test('that it must not read are refused one by one, and hide nothing else', async () => {
    const fresh = aSession('session-new', { ...SPOKEN, ...TOO_NEW });
    await gateway.seed(SESSIONS, [fresh, aSession('session-own', { ...SPOKEN, startedAt: minutesAgo(5) })]);
    const before = gateway.session('session-new');
    expect((await history({ action: 'list' })).items).toMatchObject([{ sessionId: 'session-own' }]);
    expect((await history({ action: 'search', query: '第0句' })).items).toMatchObject([
      { session: { sessionId: 'session-own' } },
    ]);
    await vi.waitFor(() =>
      expect(gateway.logs.join('\n')).toMatch(/"level":40.*"what":"list".*RECORD_TOO_NEW/),
    );
    const sessionId = 'session-new';
    for (const request of [
      { action: 'get', sessionId },
      { action: 'export', sessionId, format: 'txt' },
      { action: 'rename', sessionId, title: '新' },
      { action: 'edit', sessionId, index: 0, text: '改过' },
      { action: 'marks', sessionId, add: [1_000] },
    ])
      expect(await history(request)).toMatchObject(REFUSED);
    expect(gateway.session('session-new')).toEqual(before);
  });

  test('without an owner are left to that release, and keep no other from being ended', async () => {
    const live = {
      ...SPOKEN,
      state: 'live' as const,
      endedAt: null,
      counted: null,
      updatedAt: minutesAgo(10),
    };
    const many = Array.from({ length: 30 }, (_, n) => aSession(`newer-${n}`, { ...live, ...TOO_NEW }));
    await gateway.seed(SESSIONS, [...many, aSession('session-own', live)]);
    await gateway.timer('history', 'purge');
    expect(gateway.session('session-own')).toMatchObject({ state: 'interrupted' });
    for (const { _id } of many)
      expect(gateway.session(_id)).toMatchObject({ state: 'live', epoch: 1, ...TOO_NEW });
    expect(await stats({ action: 'totals' })).toMatchObject({ totals: { sessions: 1 } });
  });

  test('are deleted and removed all the same: that needs only what no version changes', async () => {
    await gateway.seed(SESSIONS, [
      aSession('session-1', { ...SPOKEN, ...TOO_NEW }),
      aSession('session-2', { ...TOO_NEW, deletedAt: LONG_AGO }),
    ]);
    expect(await history({ action: 'delete', sessionId: 'session-1' })).toHaveProperty('restorableUntil');
    expect(gateway.session('session-1')).toMatchObject({ epoch: 2, ...TOO_NEW });
    expect(await history({ action: 'restore', sessionId: 'session-1' })).toMatchObject(REFUSED);
    await gateway.timer('history', 'purge');
    expect(gateway.session('session-2')).toBeUndefined();
    expect(await history({ action: 'deleteAll', confirm: true })).toMatchObject({ done: true });
    expect(gateway.dump(SESSIONS)).toEqual([]);
  });

  test('of the statistics are refused, not shown as zeros', async () => {
    const total = { _id: statsId(A, 'total'), _openid: A, day: 'total', sessions: 4, ...TOO_NEW };
    await gateway.seed(DAILY_STATS, [total, { ...total, _id: statsId(A, '2026-03-01'), day: '2026-03-01' }]);
    expect(await stats({ action: 'totals' })).toMatchObject(REFUSED);
    expect(await stats({ action: 'range', from: '2026-03-01', to: '2026-03-02' })).toMatchObject(REFUSED);
    expect(await stats({ action: 'range', from: '2026-03-02', to: '2026-03-02' })).toHaveProperty('days');
  });
});
