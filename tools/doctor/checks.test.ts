import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeToyModel } from '../../local/asr/sherpa/testing/toy-model.ts';
import { keys, type Machine, model, nodeVersion } from './checks.ts';
import { deployedVariables, deploymentSettings } from './deployment.ts';
import { Problem, Skip } from './runner.ts';

const machine = (given: Partial<Machine>): Machine => ({
  port: 0,
  dataDir: '',
  asrModel: undefined,
  env: {},
  ...given,
});
const ACCOUNT = {
  TENCENT_APPID: '1250000000',
  TENCENT_SECRET_ID: `AKID${'a'.repeat(32)}`,
  TENCENT_SECRET_KEY: 'b1'.repeat(16),
};

/** What a check throws. */
async function thrown(run: () => unknown): Promise<Error> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test.each([
  ['20.18.1', false],
  ['20.19.0', true],
  ['22.1.0', true],
  ['18.20.0', false],
])('Node %s is fine: %s', (version, fine) => {
  if (fine) expect(nodeVersion(version)).toContain(version);
  else expect(() => nodeVersion(version)).toThrow(Problem);
});

test('keys: none is fine, part of them or another shape is not, and no value is ever shown', async () => {
  expect(await thrown(() => keys(machine({})))).toBeInstanceOf(Skip);
  expect(await keys(machine({ env: ACCOUNT }))).toContain('齐全');
  expect(await thrown(() => keys(machine({ env: { TENCENT_APPID: '1250000000' } })))).toBeInstanceOf(Problem);
  const env = { ...ACCOUNT, TENCENT_SECRET_ID: ACCOUNT.TENCENT_SECRET_KEY };
  const swapped = await thrown(() => keys(machine({ env })));
  expect(swapped).toBeInstanceOf(Problem);
  expect(swapped.message).toContain('TENCENT_SECRET_ID');
  expect(swapped.message).not.toContain(ACCOUNT.TENCENT_SECRET_KEY);
});

test('a model folder needs a model and its tokens', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'model-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(await thrown(() => model(machine({ asrModel: join(folder, 'none') })))).toBeInstanceOf(Problem);
  writeFileSync(join(folder, 'encoder.onnx'), '');
  expect(await thrown(() => model(machine({ asrModel: folder })))).toBeInstanceOf(Problem);
  writeFileSync(join(folder, 'tokens.txt'), '');
  expect(await model(machine({ asrModel: folder }))).toContain('tokens.txt');
});

test('a model that was downloaded is named; one that is broken is a problem; none is fine', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'data-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  expect(await thrown(() => model(machine({ dataDir })))).toBeInstanceOf(Skip);
  const folder = join(dataDir, 'models/toy');
  writeToyModel(folder);
  expect(await model(machine({ dataDir }))).toBe(`下载过的模型 ${folder}`);
  rmSync(join(folder, 'tokens.txt'));
  const problem = await thrown(() => model(machine({ dataDir })));
  expect(problem).toBeInstanceOf(Problem);
  expect(problem.message).toContain('缺少 tokens.txt');
});

const DEPLOYED = {
  ...ACCOUNT,
  TCB_ENV: 'voice-1a2b3c',
  CLOUDBASE_APIKEY: `eyJ${'d2'.repeat(20)}`,
  TICKET_SECRET: 'c3'.repeat(32),
};

test('a deployment needs every value that cloudbaserc.json asks for, in the form that the container takes', async () => {
  expect(deployedVariables().sort()).toEqual([...Object.keys(DEPLOYED), 'HTTP_ALLOWED_ORIGINS'].sort());
  expect(deploymentSettings(DEPLOYED)).toContain('6 个值都有');
  // whoever only runs it here is not bothered
  expect(await thrown(() => deploymentSettings(ACCOUNT))).toBeInstanceOf(Skip);
  for (const name of Object.keys(DEPLOYED)) {
    const problem = await thrown(() => deploymentSettings({ ...DEPLOYED, [name]: ' ' }));
    expect(problem).toBeInstanceOf(Problem);
    expect(problem.message).toBe(`部署还不行：${name}：没有填`);
  }
});

test.each([
  ['TCB_ENV', '我的环境'],
  ['TICKET_SECRET', 'too-short'],
  ['TENCENT_APPID', 'my-app'],
])('a wrong %s is named, and its value is not shown', async (name, value) => {
  const problem = await thrown(() => deploymentSettings({ ...DEPLOYED, [name]: value }));
  expect(problem).toBeInstanceOf(Problem);
  expect(problem.message).toMatch(new RegExp(`^部署还不行：${name}`));
  expect(problem.message).not.toContain(value);
});
