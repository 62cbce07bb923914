import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readRc, variablesOf } from './description.ts';
import { PARTS } from './options.ts';
import { VALUES } from './testing/recorded.ts';
import { CREDENTIALS, readValues, SESSION_TOKEN, valueProblems } from './values.ts';

const NEEDED = [...variablesOf(readRc(), PARTS), ...CREDENTIALS, SESSION_TOKEN];
const problemsOf = (change: Record<string, string>, examples = {}) =>
  valueProblems(NEEDED, { ...VALUES, ...change }, examples);

test('values in the form of real ones are fine', () => {
  expect(problemsOf({})).toEqual([]);
  expect(problemsOf({ HTTP_ALLOWED_ORIGINS: 'https://app.voice.cn, https://m.voice.cn' })).toEqual([]);
  expect(problemsOf({ TICKET_SECRET: `k2:${'1f'.repeat(32)},k1:${'2e'.repeat(32)}` })).toEqual([]);
});

test('all that are missing are named at once, each with where it comes from; those that may be empty are not', () => {
  const problems = valueProblems(NEEDED, {});
  expect(problems.map(({ name }) => name).sort()).toEqual(Object.keys(VALUES).sort());
  for (const { problem, from } of problems) expect([problem, from.length > 5]).toEqual(['没有填', true]);
});

test.each([
  ['TICKET_SECRET', 'changeme', '示例值'],
  ['TICKET_SECRET', 'a'.repeat(64), '示例值'],
  ['TICKET_SECRET', 'your-secret-that-is-at-least-32-bytes-long', '示例值'],
  ['TICKET_SECRET', '0123456789abcdef', '不足 32 字节'],
  ['TICKET_SECRET', `k1:${'1f'.repeat(32)},k1:${'2e'.repeat(32)}`, '两次'],
  ['TENCENT_SECRET_ID', 'AKIDxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '示例值'],
  ['TENCENT_SECRET_ID', 'speech+key/0123456789abcdefghijklm', 'AKID'],
  ['TENCENT_SECRET_KEY', '<填写>', '示例值'],
  ['TENCENT_SECRET_KEY', 'short-key', '太短'],
  ['TENCENT_SECRET_KEY', ' speech+key/0123456789abcdefghijklm', '空白'],
  ['TENCENT_APPID', 'my-app', '数字'],
  ['TENCENT_APPID', '   ', '没有填'],
  ['CLOUDBASE_APIKEY', 'eyJhbGciOiJSUzI1NiJ9', '太短'],
  ['CLOUDBASE_APIKEY', '{{env.CLOUDBASE_APIKEY}}', '示例值'],
  ['TCB_ENV', '我的环境', '示例值'],
  ['TCB_ENV', 'Voice_1', '环境 ID'],
  ['TENCENTCLOUD_SECRETKEY', '***', '示例值'],
  ['HTTP_ALLOWED_ORIGINS', 'https://app.voice.cn/', '来源'],
  ['HTTP_ALLOWED_ORIGINS', '*', '来源'],
])('%s=%s is refused: %s', (name, value, mention) => {
  const problems = problemsOf({ [name]: value });
  expect(problems.map((one) => one.name)).toEqual([name]);
  expect(problems[0]?.problem).toContain(mention);
  if (value.trim() !== '') expect(JSON.stringify(problems)).not.toContain(value.trim());
});

test('a value that was copied from the sample file is none', () => {
  const copied = { TICKET_SECRET: VALUES.TICKET_SECRET };
  expect(problemsOf({}, copied).map(({ problem }) => problem)).toEqual(['还是示例值']);
});

test('what is not deployed is not needed', () => {
  expect(variablesOf(readRc(), ['database'])).toEqual(['TCB_ENV']);
  expect(variablesOf(readRc(), ['functions'])).not.toContain('CLOUDBASE_APIKEY');
});

test('the environment goes before the file, an empty variable of it does not, and nothing is put into it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'values-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'values');
  writeFileSync(file, 'DEPLOY_TEST_A=file\nDEPLOY_TEST_B="of the file"\nDEPLOY_TEST_C=file\n');
  const { DEPLOY_TEST_A, DEPLOY_TEST_B, DEPLOY_TEST_C } = readValues(file, {
    DEPLOY_TEST_A: 'environment',
    DEPLOY_TEST_C: '',
  });
  expect([DEPLOY_TEST_A, DEPLOY_TEST_B, DEPLOY_TEST_C]).toEqual(['environment', 'of the file', 'file']);
  expect(process.env.DEPLOY_TEST_A).toBeUndefined();
  expect(() => readValues(join(folder, 'no-such-file'), {})).toThrow('没有文件');
});
