import { expect, test } from 'vitest';
import { RecentlyDeleted } from './recently-deleted.ts';

function rig(stored: unknown = '') {
  const clock = { ms: 1_000 };
  const api = {
    stored,
    getStorageSync: (key: string) => (key === 'recently-deleted' ? api.stored : ''),
    setStorageSync(key: string, value: unknown) {
      if (key === 'recently-deleted') api.stored = value;
    },
  };
  return { deleted: new RecentlyDeleted(api, () => clock.ms), clock, api };
}
const entry = (n: number, restorableUntil = 5_000) => ({
  sessionId: `session-${n}`,
  title: `第 ${n} 次`,
  restorableUntil,
});

test('the newest comes first, and each record once', () => {
  const { deleted } = rig();
  deleted.add(entry(1));
  deleted.add(entry(2));
  deleted.add(entry(1));
  expect(deleted.list().map(({ sessionId }) => sessionId)).toEqual(['session-1', 'session-2']);
});

test('what can no longer be restored is not offered', () => {
  const { deleted, clock } = rig();
  deleted.add(entry(1));
  clock.ms = 5_000;
  expect(deleted.list()).toEqual([]);
});

test('what was restored is gone from the list', () => {
  const { deleted } = rig();
  deleted.add(entry(1));
  deleted.remove('session-1');
  expect(deleted.list()).toEqual([]);
});

test('the list has an end', () => {
  const { deleted } = rig();
  for (let n = 0; n < 30; n++) deleted.add(entry(n));
  expect(deleted.list()).toHaveLength(20);
  expect(deleted.list()[0]?.sessionId).toBe('session-29');
});

test.each([['text'], [[{ sessionId: 5 }, null]], [{}]])('damaged storage (%j) is an empty list', (stored) => {
  expect(rig(stored).deleted.list()).toEqual([]);
});
