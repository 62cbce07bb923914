import { expect, test } from 'vitest';
import { DAILY_STATS, PAGES, SESSIONS, type SessionRecord, UPLOADS } from '../../contract/records.ts';
import { documentsOf, PINNED_FROM_OLDEST, SAME_NEWEST, sessionId, TAGGED } from './population.ts';

const nowMs = Date.UTC(2026, 10, 30, 12);
const sizesOf = (documents: ReadonlyMap<string, ReadonlyMap<string, unknown>>) =>
  Object.fromEntries([...documents].map(([name, { size }]) => [name, size]));

test('the newest sessions, with their pages, are the same however many there are', () => {
  const [few, many] = [SAME_NEWEST, 10 * SAME_NEWEST].map((sessions) =>
    documentsOf({ sessions, recentlyDeleted: 0, nowMs }),
  );
  const withoutLabels = (documents: typeof few, age: number) => {
    const stored = documents?.get(SESSIONS)?.get(sessionId(age));
    return { ...stored, tags: null, taggedAt: null, pinnedAt: null };
  };
  for (let age = 0; age < SAME_NEWEST; age++)
    expect(withoutLabels(many, age)).toEqual(withoutLabels(few, age));
  for (const [id, page] of few?.get(PAGES) ?? []) expect(many?.get(PAGES)?.get(id)).toEqual(page);
});

test('tags and pins are as many, over the whole length; pages, audio and days grow with the sessions', () => {
  for (const sessions of [50, 100, 10_000]) {
    const documents = documentsOf({ sessions, recentlyDeleted: 0, nowMs });
    const stored = [...(documents.get(SESSIONS)?.values() ?? [])] as unknown as SessionRecord[];
    expect(stored.filter(({ tags }) => tags)).toHaveLength(TAGGED);
    expect(stored.filter(({ pinnedAt }) => pinnedAt)).toHaveLength(PINNED_FROM_OLDEST.length);
    expect(documents.get(UPLOADS)?.size).toBe(sessions / 10);
    expect(documents.get(PAGES)?.size).toBe(20 * 10 + (sessions - 20) / 10);
  }
});

test('deleted sessions are newer than those that are shown, and can still be restored', () => {
  const documents = documentsOf({ sessions: 50, recentlyDeleted: 100, nowMs });
  expect(sizesOf(documents)).toMatchObject({ [SESSIONS]: 150, [DAILY_STATS]: expect.any(Number) });
  const stored = [...(documents.get(SESSIONS)?.values() ?? [])] as unknown as SessionRecord[];
  const newest = stored.filter(({ deletedAt }) => !deletedAt)[0];
  for (const { deletedAt, startedAt } of stored.filter(({ deletedAt }) => deletedAt)) {
    expect(startedAt > (newest?.startedAt ?? 0)).toBe(true);
    expect(nowMs - Number(deletedAt)).toBeLessThan(3_600_000);
  }
});
