import { expect, test } from 'vitest';
import { RESTART, RestartPolicy } from './restart-policy.ts';

test('waits longer each time, then gives up', () => {
  const policy = new RestartPolicy();
  expect(RESTART.delaysMs.map((_, i) => policy.next(i))).toEqual([...RESTART.delaysMs]);
  expect(policy.next(10)).toBeNull();
});

test('forgets ends that are long ago', () => {
  const policy = new RestartPolicy();
  policy.next(0);
  policy.next(1);
  expect(policy.next(RESTART.forgetAfterMs + 2)).toBe(RESTART.delaysMs[0]);
});
