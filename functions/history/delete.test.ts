import { expect, test } from 'vitest';
import { RESTORE_WITHIN_MS } from '../../contract/limits.ts';
import { DAILY_STATS, PAGES, SESSIONS } from '../../contract/records.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aLongSession, aSession, minutesAgo } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);

const history = (data: object) => gateway.as(A)('history', data);

test('delete hides at once, answers the same when repeated, and restore brings all back', async () => {
  await gateway.seed(SESSIONS, [aSession('session-1', { epoch: 4 })]);
  const before = gateway.session('session-1');
  const deleted = await history({ action: 'delete', sessionId: 'session-1' });
  expect(deleted.restorableUntil).toBeGreaterThan(Date.now() + RESTORE_WITHIN_MS - 60_000);
  expect(await history({ action: 'delete', sessionId: 'session-1' })).toEqual(deleted);
  expect(gateway.session('session-1')?.epoch).toBe(5);
  for (const data of [
    { action: 'get', sessionId: 'session-1' },
    { action: 'export', sessionId: 'session-1', format: 'txt' },
    { action: 'rename', sessionId: 'session-1', title: 'x' },
    { action: 'edit', sessionId: 'session-1', index: 0, text: 'x' },
  ]) {
    expect(await history(data)).toMatchObject({ code: 'NOT_FOUND' });
  }
  expect(await history({ action: 'restore', sessionId: 'session-1' })).toEqual({ sessionId: 'session-1' });
  expect(await history({ action: 'restore', sessionId: 'session-1' })).toEqual({ sessionId: 'session-1' });
  expect(gateway.session('session-1')).toEqual({ ...before, epoch: 6 });
  expect(gateway.dump(DAILY_STATS)).toEqual([]);
});

test('a session deleted more than 24 hours ago cannot be restored', async () => {
  const deletedAt = new Date(Date.now() - RESTORE_WITHIN_MS - 1_000);
  await gateway.seed(SESSIONS, [aSession('session-1', { deletedAt })]);
  expect(await history({ action: 'restore', sessionId: 'session-1' })).toMatchObject({ code: 'NOT_FOUND' });
});

test('the timer purges what can no longer be restored with its pages, ends orphans, and keeps the rest', async () => {
  const long = aLongSession('purge-me-1', 260, { deletedAt: new Date(Date.now() - 2 * RESTORE_WITHIN_MS) });
  const kept = aLongSession('keep-me-01', 120, {
    deletedAt: new Date(Date.now() - RESTORE_WITHIN_MS + 60_000),
  });
  await gateway.seed(SESSIONS, [
    long.session,
    kept.session,
    aSession('cancelled-1', { state: 'cancelled', updatedAt: new Date(Date.now() - 2 * RESTORE_WITHIN_MS) }),
    aSession('cancelled-2', { state: 'cancelled', updatedAt: new Date() }),
    aSession('orphan-001', { state: 'live', counted: null, updatedAt: minutesAgo(5) }),
    aSession('fresh-live', { state: 'live', counted: null, updatedAt: new Date() }),
  ]);
  await gateway.seed(PAGES, [...long.pages, ...kept.pages]);
  expect(await gateway.timer('history', 'purge')).toEqual({ orphans: 1, purged: 1, cancelled: 1, files: 0 });
  expect(
    gateway
      .dump(SESSIONS)
      .map(({ _id }) => _id)
      .sort(),
  ).toEqual(['keep-me-01', 'cancelled-2', 'orphan-001', 'fresh-live'].sort());
  expect(gateway.session('orphan-001')?.state).toBe('interrupted');
  expect(gateway.session('fresh-live')?.state).toBe('live');
  expect(gateway.dump(PAGES).map(({ sessionId }) => sessionId)).toEqual(['keep-me-01', 'keep-me-01']);
});

test('one run of the timer purges a session of many hours, in bounded steps', async () => {
  const { session, pages } = aLongSession('purge-me-1', 165 * 50 + 1, { deletedAt: new Date(0) });
  await gateway.seed(SESSIONS, [session]);
  await gateway.seed(PAGES, pages);
  gateway.counters.reset();
  expect(await gateway.timer('history', 'purge')).toEqual({ orphans: 0, purged: 1, cancelled: 0, files: 0 });
  expect(gateway.dump(PAGES)).toEqual([]);
  expect(gateway.counters.byAction['database.removeDocument']).toBe(3);
});

test('one run of the timer goes on in steps until nothing is left to do', async () => {
  const gone = { deletedAt: new Date(0) };
  await gateway.seed(
    SESSIONS,
    Array.from({ length: 45 }, (_, i) => aSession(`purge-me-${i}`, gone)),
  );
  expect(await gateway.timer('history', 'purge')).toEqual({ orphans: 0, purged: 45, cancelled: 0, files: 0 });
  expect(gateway.dump(SESSIONS)).toEqual([]);
});

test('a session with more pages than one step removes goes in several, and stays until its pages are removed', async () => {
  const { session, pages } = aLongSession('purge-me-1', 1_201, { deletedAt: new Date(0) });
  await gateway.seed(SESSIONS, [session]);
  await gateway.seed(PAGES, pages);
  await history({ action: 'list' });
  expect(gateway.dump(PAGES)).toHaveLength(4);
  expect(gateway.session('purge-me-1')).toBeDefined();
  await history({ action: 'list' });
  expect(gateway.dump(PAGES)).toHaveLength(0);
  expect(gateway.session('purge-me-1')).toBeUndefined();
});
