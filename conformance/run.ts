import { type Case, type CaseInfo, type CaseResult, NEED_TEXTS, type Need, NotApplicable } from './case.ts';
import { Mismatch, within } from './check.ts';

/** Longest time of a case. */
const CASE_WITHIN_MS = 120_000;

export interface RunOptions {
  /** Cases at the same time. */
  concurrency: number;
  /** What is given. */
  has: ReadonlySet<Need>;
  /** Told as soon as a case is over. */
  finished?: (result: CaseResult, done: number, all: number) => void;
}

/** What a case is given, and what is released after it. */
export interface Prepared<C> {
  context: C;
  before?(): Promise<void>;
  /** What has to hold at the end of every case. @throws Mismatch */
  after?(): void;
  release(): void;
}

const failure = (error: unknown): Pick<CaseResult, 'outcome' | 'reason' | 'expected' | 'seen'> => {
  if (error instanceof NotApplicable) return { outcome: 'not applicable', reason: error.message };
  if (error instanceof Mismatch)
    return { outcome: 'fail', reason: error.message, expected: error.expected, seen: error.seen };
  return {
    outcome: 'fail',
    reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  };
};

async function runCase<C>(
  one: Case<C>,
  prepare: () => Prepared<C>,
  has: RunOptions['has'],
): Promise<CaseResult> {
  const { name, ids, level, needs = [] } = one;
  const info = { name, ids, level };
  const missing = needs.filter((need) => !has.has(need));
  if (missing.length > 0) {
    const reason = missing.map((need) => NEED_TEXTS[need]).join('; ');
    return { ...info, outcome: 'not applicable', ms: 0, reason };
  }
  const startedMs = performance.now();
  const { context, before, after, release } = prepare();
  try {
    await before?.();
    await within(one.run(context), CASE_WITHIN_MS, 'the case');
    after?.();
    return { ...info, outcome: 'pass', ms: performance.now() - startedMs };
  } catch (error) {
    return { ...info, ms: performance.now() - startedMs, ...failure(error) };
  } finally {
    release();
  }
}

/**
 * Runs cases, some at the same time; those that have to be alone come last, one after the other.
 * @returns the results in the order of the cases
 */
export async function runCases<C, T extends Case<C>>(
  cases: readonly T[],
  prepare: (one: T) => Prepared<C>,
  { concurrency, has, finished }: RunOptions,
): Promise<CaseResult[]> {
  const results = new Map<T, CaseResult>();
  const runOne = async (one: T): Promise<void> => {
    const result = await runCase(one, () => prepare(one), has);
    results.set(one, result);
    finished?.(result, results.size, cases.length);
  };
  const together = cases.filter(({ alone }) => !alone);
  const worker = async (): Promise<void> => {
    for (let one = together.shift(); one; one = together.shift()) await runOne(one);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  for (const one of cases.filter(({ alone }) => alone)) await runOne(one);
  return cases.map((one) => results.get(one) as CaseResult);
}

/** Cases by the ids or the beginnings of ids that were asked for, and by level. */
export const selectCases = <T extends CaseInfo>(
  cases: readonly T[],
  { only = [], requiredOnly = false }: { only?: readonly string[]; requiredOnly?: boolean },
): T[] =>
  cases.filter(
    ({ ids, level }) =>
      (!requiredOnly || level === 'required') &&
      (only.length === 0 ||
        ids.some((id) => only.some((wanted) => id === wanted || id.startsWith(`${wanted}-`)))),
  );
