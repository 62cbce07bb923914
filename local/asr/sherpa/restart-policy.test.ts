import { expect, test } from 'vitest';
import { RESTART, RestartPolicy } from './sherpa-engine.ts';

test('a restart waits longer each time, and after the last wait there is none', () => {
  const policy = new RestartPolicy();
  expect(RESTART.delaysMs.map((_, i) => policy.next(i))).toEqual([...RESTART.delaysMs]);
  expect(policy.next(10)).toBeNull();
});

test('ends that are long ago do not count', () => {
  const policy = new RestartPolicy();
  policy.next(0);
  policy.next(1);
  expect(policy.next(RESTART.forgetAfterMs + 2)).toBe(RESTART.delaysMs[0]);
});
