import type { CaseResult, Outcome } from './case.ts';

const MARKS: Readonly<Record<Outcome, string>> = { pass: '✓', fail: '✗', 'not applicable': '–' };

export interface Summary {
  pass: number;
  fail: number;
  notApplicable: number;
  /** Of those that failed: required ones. */
  requiredFailed: number;
}

export function summaryOf(results: readonly CaseResult[]): Summary {
  const having = (outcome: Outcome): CaseResult[] => results.filter((one) => one.outcome === outcome);
  const failed = having('fail');
  return {
    pass: having('pass').length,
    fail: failed.length,
    notApplicable: having('not applicable').length,
    requiredFailed: failed.filter(({ level }) => level === 'required').length,
  };
}

/** One line of a result, and what was expected and seen where it failed. */
export function linesOf({ outcome, level, ids, name, reason, expected, seen }: CaseResult): string[] {
  const head = `${MARKS[outcome]} ${ids.join(' ')} ${level === 'required' ? '' : '(recommended) '}${name}`;
  if (outcome === 'pass') return [head];
  if (outcome === 'not applicable') return [`${head}: ${reason}`];
  return [
    head,
    `    ${reason}`,
    ...(expected === undefined ? [] : [`    expected: ${expected}`, `    seen:     ${seen}`]),
  ];
}

export const summaryLine = ({ pass, fail, notApplicable, requiredFailed }: Summary): string =>
  `${pass} passed, ${fail} failed (${requiredFailed} required), ${notApplicable} not applicable`;
