import { expect, test } from 'vitest';
import { Deferred } from '../../lib/deferred.ts';
import { FakeClock, flushPromises } from '../../lib/fake-clock.ts';
import { likeness } from './remote/likeness.ts';
import { lineOf } from './report.ts';
import { type Check, type Finding, Problem, reportOf, runChecks, Skip, Warning } from './runner.ts';

type Run = Check<object>['run'];
const check = (name: string, run: Run, more: Partial<Check<object>> = {}): Check<object> => ({
  name,
  title: `检查 ${name}`,
  run,
  ...more,
});
const fine: Run = async () => 'fine';
const throwing =
  (error: Error): Run =>
  async () => {
    throw error;
  };

const resultsOf = async (...checks: Check<object>[]) =>
  (await runChecks(checks, {}, new FakeClock(), () => {})).map(({ name, status, cause, mend }) => [
    name,
    status,
    cause,
    mend,
  ]);

test('one fault is told once: what needs the failed check is skipped, and what only comes after it is made', async () => {
  expect(
    await resultsOf(
      check('a', throwing(new Problem('原因', '办法'))),
      check('b', fine, { needs: ['a'] }),
      check('c', fine, { needs: ['b'] }),
      check('d', fine, { after: ['a', 'c'] }),
    ),
  ).toEqual([
    ['a', 'failed', '原因', '办法'],
    ['b', 'skipped', '先要「检查 a」正常', null],
    ['c', 'skipped', '先要「检查 b」正常', null],
    ['d', 'ok', null, null],
  ]);
});

test('what does not apply blocks what needs it, unless it is harmless', async () => {
  const outcome = (harmless: boolean) =>
    resultsOf(check('a', throwing(new Skip('没有', { harmless }))), check('b', fine, { needs: ['a'] }));
  expect((await outcome(false)).map(([, status]) => status)).toEqual(['skipped', 'skipped']);
  expect((await outcome(true)).map(([, status]) => status)).toEqual(['skipped', 'ok']);
});

test('what is only worth a look fails nothing, and what needs it is made', async () => {
  const checks = [check('a', throwing(new Warning('原因', '办法'))), check('b', fine, { needs: ['a'] })];
  expect(await resultsOf(...checks)).toEqual([
    ['a', 'warned', '原因', '办法'],
    ['b', 'ok', null, null],
  ]);
  const findings = await runChecks(checks, {}, new FakeClock(), () => {});
  expect(reportOf(findings)).toMatchObject({ ok: true, failed: [] });
  expect(lineOf(findings[0] as Finding, checks[0] as Check<object>)).toBe('! 检查 a：原因\n    → 办法');
});

test('what the network says and what nobody has foreseen are failures, each with something to do', async () => {
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  const [network, unforeseen] = await resultsOf(
    check('a', throwing(reset)),
    check('b', throwing(new TypeError('x is not a function'))),
  );
  expect(network).toEqual(['a', 'failed', '连接被对方断开（ECONNRESET）', expect.stringContaining('代理')]);
  expect(unforeseen).toEqual([
    'b',
    'failed',
    expect.stringContaining('x is not a function'),
    expect.stringContaining('报告'),
  ]);
});

test('checks that need nothing of each other run side by side; each tells how long it took', async () => {
  const clock = new FakeClock();
  const gate = new Deferred<string>();
  const told: [string, number][] = [];
  const running = runChecks(
    [check('slow', () => gate.promise), check('quick', fine), check('last', fine, { after: ['slow'] })],
    {},
    clock,
    ({ name, ms }) => told.push([name, ms]),
  );
  await flushPromises();
  expect(told).toEqual([['quick', 0]]);
  await clock.advance(70);
  gate.resolve('done');
  expect((await running).map(({ name }) => name)).toEqual(['slow', 'quick', 'last']);
  expect(told).toEqual([
    ['quick', 0],
    ['slow', 70],
    ['last', 0],
  ]);
});

test('a check that needs one behind it in the list is a defect', async () => {
  await expect(resultsOf(check('a', fine, { needs: ['b'] }), check('b', fine))).rejects.toThrow('no check b');
});

test('the report is what programs read: five fields a check, and the names of what failed', async () => {
  const findings = await runChecks(
    [check('a', fine), check('b', throwing(new Problem('原因', '办法')))],
    {},
    new FakeClock(),
    () => {},
  );
  expect(reportOf(findings)).toEqual({
    ok: false,
    failed: ['b'],
    checks: [
      { name: 'a', status: 'ok', ms: 0, cause: null, mend: null },
      { name: 'b', status: 'failed', ms: 0, cause: '原因', mend: '办法' },
    ],
  });
});

test.each([
  ['今天天气怎么样？', '今天天气怎么样', 1],
  ['Wi-Fi 连上了', 'wifi连上了', 1],
  ['今天天气怎么样', '今天天气怎样', 6 / 7],
  ['', '今天', 0],
  ['完全不同', '今天天气', 0],
  ['', '', 1],
])('「%s」 and 「%s」 are alike by %f', (a, b, alike) => {
  expect(likeness(a, b)).toBeCloseTo(alike);
  expect(likeness(b, a)).toBeCloseTo(alike);
});
