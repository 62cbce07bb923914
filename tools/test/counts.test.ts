import { expect, test } from 'vitest';
import { add, countsOf, NONE, summaryOf } from './counts.ts';

const file = (status: string, tests: number) => ({ status, assertionResults: Array(tests).fill({}) });
const report = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };

test('counts what ran, and what did not', () => {
  expect(countsOf({ ...report, testResults: [file('failed', 6)] })).toEqual({
    passed: 3,
    failed: 1,
    skipped: 3,
  });
});

test('a file that fails before its first test is a failure', () => {
  expect(countsOf({ ...report, testResults: [file('failed', 6), file('failed', 0)] }).failed).toBe(2);
});

test('the summary adds all suites up', () => {
  const one = { passed: 2, failed: 1, skipped: 0 };
  expect(summaryOf(add(one, add(one, NONE)))).toBe('4 passed, 2 failed');
});
