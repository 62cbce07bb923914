import { describe, expect, it } from 'vitest';
import { type Case, type CaseResult, NotApplicable } from './case.ts';
import { equal, like, Mismatch, that, within } from './check.ts';
import { linesOf, summaryLine, summaryOf } from './report.ts';
import { type RunOptions, runCases, selectCases } from './run.ts';

type Log = string[];
const one = (name: string, run: (log: Log) => Promise<void>, more: Partial<Case<Log>> = {}): Case<Log> => ({
  name,
  ids: ['R-X-1'],
  level: 'required',
  run,
  ...more,
});
const passing = async (): Promise<void> => {};

/** Runs cases that share a log, which is also told what is released. */
async function run(
  cases: Case<Log>[],
  options: Partial<RunOptions> = {},
): Promise<{ results: CaseResult[]; log: Log }> {
  const log: Log = [];
  const prepare = (given: Case<Log>) => ({
    context: log,
    release: () => void log.push(`released ${given.name}`),
  });
  return { results: await runCases(cases, prepare, { concurrency: 2, has: new Set(), ...options }), log };
}

describe('a run', () => {
  it('tells what passed, what failed and why, and what does not apply', async () => {
    const cases = [
      one('good', passing),
      one('bad', async () => equal('the answer', 1, 2)),
      one('broken', () => Promise.reject(new TypeError('x is undefined'))),
      one('finds out', () => Promise.reject(new NotApplicable('no such thing'))),
      one('lacks', passing, { needs: ['speech'] }),
    ];
    const { results, log } = await run(cases);
    expect(results).toMatchObject([
      { name: 'good', outcome: 'pass' },
      { name: 'bad', outcome: 'fail', reason: 'the answer', expected: '2', seen: '1' },
      { name: 'broken', outcome: 'fail', reason: 'TypeError: x is undefined' },
      { name: 'finds out', outcome: 'not applicable', reason: 'no such thing' },
      { name: 'lacks', outcome: 'not applicable', reason: expect.stringContaining('--audio') },
    ]);
    // also of those that failed; what does not apply was never prepared
    expect(log.toSorted()).toEqual(
      ['bad', 'broken', 'finds out', 'good'].map((name) => `released ${name}`).toSorted(),
    );
    expect(summaryLine(summaryOf(results))).toBe('1 passed, 2 failed (2 required), 2 not applicable');
    expect(linesOf(results[1] as CaseResult)).toEqual([
      '✗ R-X-1 bad',
      '    the answer',
      '    expected: 2',
      '    seen:     1',
    ]);
  });

  it('has what must hold at the end of every case', async () => {
    const prepare = () => ({ context: [], release: () => {}, after: () => that('the end', false, 'spoilt') });
    const options = { concurrency: 1, has: new Set<never>() };
    const [result] = await runCases([one('good', passing)], prepare, options);
    expect(result).toMatchObject({ outcome: 'fail', reason: 'the end', seen: 'spoilt' });
  });

  it('runs some at the same time, and those that must be alone behind all others', async () => {
    let running = 0;
    let most = 0;
    const counted = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    const alone = async (log: Log): Promise<void> => {
      expect(running).toBe(0);
      log.push('alone');
    };
    const cases = [
      one('a', alone, { alone: true }),
      ...['b', 'c', 'd', 'e'].map((name) => one(name, counted)),
    ];
    const told: string[] = [];
    const { results, log } = await run(cases, {
      finished: ({ name }, done, all) => told.push(`${name} ${done}/${all}`),
    });
    expect(most).toBe(2);
    expect(results.map(({ name, outcome }) => [name, outcome])).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((name) => [name, 'pass']),
    );
    expect(log.slice(-2)).toEqual(['alone', 'released a']);
    expect(told.at(-1)).toBe('a 5/5');
  });

  it('is of the cases that were asked for', () => {
    const cases = [
      one('a', passing, { ids: ['R-START-1'] }),
      one('b', passing, { ids: ['R-START-13', 'R-STOP-1'] }),
      one('c', passing, { ids: ['R-STOP-1'], level: 'recommended' }),
    ];
    const names = (given: object): string =>
      selectCases(cases, given)
        .map(({ name }) => name)
        .join('');
    expect([names({}), names({ only: ['R-START'] }), names({ only: ['R-START-1'] })]).toEqual([
      'abc',
      'ab',
      'a',
    ]);
    expect([names({ only: ['R-STOP'] }), names({ only: ['R-STOP-1'], requiredOnly: true })]).toEqual([
      'bc',
      'b',
    ]);
  });
});

describe('a comparison', () => {
  it('fails with what was expected and seen', () => {
    expect(() => like('x', { a: 1, b: { c: 'd' } }, { b: { c: 'd' } })).not.toThrow();
    expect(() => like('x', [1, 2], [1, (n: number) => n > 1])).not.toThrow();
    for (const [seen, pattern] of [
      [{ a: 1 }, { a: 2 }],
      [{ a: 1 }, { b: (b: unknown) => b !== undefined }],
      [undefined, {}],
      [[1], [1, 2]],
      [Number.NaN, 0],
    ])
      expect(() => like('x', seen, pattern)).toThrow(Mismatch);
    expect(() => equal('x', { a: 1 }, { a: 1 })).not.toThrow();
    expect(() => equal('x', [1], [2])).toThrow(Mismatch);
  });

  it('does not wait for ever', async () => {
    await expect(within(Promise.resolve(7), 1_000, 'x')).resolves.toBe(7);
    await expect(within(new Promise(() => {}), 1, 'x')).rejects.toThrow(Mismatch);
  });
});
