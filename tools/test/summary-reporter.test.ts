import { expect, test } from 'vitest';
import { type CountedModule, countsOf } from './summary-reporter.ts';

const file = (tests: Partial<Record<'passed' | 'failed' | 'skipped', number>>, ok = true): CountedModule => ({
  ok: () => ok,
  children: { allTests: (state = 'passed') => Array(tests[state] ?? 0).fill({}) },
});

test('counts what ran, and what did not, over all files', () => {
  const files = [file({ passed: 3, failed: 1, skipped: 2 }, false), file({ passed: 2, skipped: 1 })];
  expect(countsOf(files)).toEqual({ passed: 5, failed: 1, skipped: 3 });
});

test('a file that fails before its first test is a failure', () => {
  expect(countsOf([file({ failed: 2 }, false), file({}, false)]).failed).toBe(3);
});

test('an error outside of any test is a failure, once', () => {
  expect(countsOf([file({ passed: 2 })], 3)).toEqual({ passed: 2, failed: 1, skipped: 0 });
  expect(countsOf([file({ passed: 2, failed: 1 }, false)], 1).failed).toBe(1);
});
