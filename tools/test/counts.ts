import * as v from 'valibot';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}
export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };

/** As much of vitest's JSON report as is counted. */
const reportSchema = v.object({
  numPassedTests: v.number(),
  numFailedTests: v.number(),
  numPendingTests: v.number(),
  numTodoTests: v.optional(v.number(), 0),
  testResults: v.array(v.object({ status: v.string(), assertionResults: v.array(v.unknown()) })),
});

/** Counts of a vitest report; a file that failed before its first test is one failure. */
export function countsOf(report: unknown): Counts {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = v.parse(
    reportSchema,
    report,
  );
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests + broken.length,
    skipped: numPendingTests + numTodoTests,
  };
}

export const add = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

export const summaryOf = ({ passed, failed }: Counts): string => `${passed} passed, ${failed} failed`;
