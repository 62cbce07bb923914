import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keys, type Machine, model, nodeVersion } from './checks.ts';

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
  TENCENT_SECRET_KEY: 'b'.repeat(32),
};

test.each([
  ['20.18.1', 'bad'],
  ['20.19.0', 'good'],
  ['22.1.0', 'good'],
  ['18.20.0', 'bad'],
])('Node %s is %s', (version, state) => {
  expect(nodeVersion(version).state).toBe(state);
});

test('keys: none is fine, part of them or another shape is not, and no value is ever shown', async () => {
  expect(await keys(machine({}))).toMatchObject({ state: 'note' });
  expect(await keys(machine({ env: ACCOUNT }))).toMatchObject({ state: 'good' });
  expect(await keys(machine({ env: { TENCENT_APPID: '1250000000' } }))).toMatchObject({ state: 'bad' });
  const swapped = await keys(machine({ env: { ...ACCOUNT, TENCENT_SECRET_ID: ACCOUNT.TENCENT_SECRET_KEY } }));
  expect(swapped).toMatchObject({ state: 'bad', text: expect.stringContaining('TENCENT_SECRET_ID') });
  expect(JSON.stringify(swapped)).not.toContain(ACCOUNT.TENCENT_SECRET_KEY);
});

test('a model folder needs a model and its tokens', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'model-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(await model(machine({ asrModel: join(folder, 'none') }))).toMatchObject({ state: 'bad' });
  writeFileSync(join(folder, 'encoder.onnx'), '');
  expect(await model(machine({ asrModel: folder }))).toMatchObject({ state: 'bad' });
  writeFileSync(join(folder, 'tokens.txt'), '');
  expect(await model(machine({ asrModel: folder }))).toMatchObject({ state: 'good' });
});
