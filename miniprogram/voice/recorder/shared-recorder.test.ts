import { expect, test } from 'vitest';
import { type RecorderManager, SharedRecorder } from './shared-recorder.ts';

const silentManager = (): RecorderManager =>
  new Proxy({}, { get: () => () => {} }) as unknown as RecorderManager;

test('who wants to know learns of every recording that begins, until they do not want to any more', () => {
  const shared = new SharedRecorder(silentManager());
  let begun = 0;
  const off = shared.onLease(() => {
    begun += 1;
  });
  const lease = shared.lease({});
  expect([begun, shared.inUse]).toEqual([1, true]);
  expect(shared.lease({})).toBeUndefined();
  lease?.release();
  expect([begun, shared.inUse]).toEqual([1, false]);
  off();
  shared.lease({});
  expect(begun).toBe(1);
});
