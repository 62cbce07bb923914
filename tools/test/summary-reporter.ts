import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** As much of vitest's result of one test file as is counted. */
export interface CountedModule {
  ok(): boolean;
  children: { allTests(state?: 'passed' | 'failed' | 'skipped'): Iterable<unknown> };
}

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const numberOf = (tests: Iterable<unknown>): number => [...tests].length;

/**
 * Adds test files up. A file that fails without a failed test (it did not load, or a hook threw) is one failure, and so
 * is an error outside of all tests where nothing else failed.
 */
export function countsOf(modules: readonly CountedModule[], errorsOutsideTests = 0): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const module of modules) {
    const failed = numberOf(module.children.allTests('failed'));
    counts.passed += numberOf(module.children.allTests('passed'));
    counts.failed += failed === 0 && !module.ok() ? 1 : failed;
    counts.skipped += numberOf(module.children.allTests('skipped'));
  }
  return counts.failed === 0 && errorsOutsideTests > 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * Ends the output with the line `N passed, N failed`, over all projects; TEST_SUMMARY names a file that gets it too.
 * A run in which no test passed fails.
 */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const { passed, failed, skipped } = countsOf(modules, unhandledErrors.length);
    const summary = `${passed} passed, ${failed} failed`;
    if (process.env.TEST_SUMMARY) writeFileSync(process.env.TEST_SUMMARY, `${summary}\n`);
    if (skipped > 0) console.log(`${skipped} 个测试被跳过`);
    console.log(summary);
    if (passed === 0) process.exitCode = 1;
  }
}
