import { describe, expect, test, vi } from 'vitest';
import { nameOf } from '../../local/deploy-cloud/calls.ts';
import { readRc } from './description.ts';
import { installedForTests } from './testing/installed.ts';
import {
  changesOf,
  ENV_ID,
  type Run,
  recordingCloud,
  runDeploy,
  SECRETS,
  startDeploy,
  VALUES,
} from './testing/recorded.ts';
import { MANAGER_PACKAGE } from './tool-packages.ts';

// each starts a process, on a machine that may be busy
vi.setConfig({ testTimeout: 120_000 });

const isThere = installedForTests(MANAGER_PACKAGE, 'REQUIRE_DEPLOY', 'npm run test:deploy 会安装它');
const { functions, framework } = readRc();
const { collections } = framework.plugins.database.inputs;

const lastJson = ({ stdout }: Run) => JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
function expectNoSecret({ stdout, stderr }: Run): void {
  for (const secret of SECRETS) expect(stdout + stderr).not.toContain(secret);
}

describe('nothing is sent', () => {
  test.each([
    ['without values', ['--dry-run'], {}],
    ['with a sample value', [], { ...VALUES, TENCENT_SECRET_KEY: 'changeme' }],
    ['with a short value', ['--only', 'functions'], { ...VALUES, TICKET_SECRET: 'short' }],
  ])('%s: exit code 1, each named, no value shown', async (_, args, values) => {
    const cloud = await recordingCloud();
    const run = await startDeploy(cloud, args, values).ended;
    expect(run).toMatchObject({ code: 1, stdout: '' });
    const given: Readonly<Record<string, string>> = values;
    const wrong = Object.keys(VALUES).filter((name) => given[name] !== VALUES[name]);
    for (const name of wrong) expect(run.stderr).toContain(`✗ ${name}：`);
    expect(run.stderr.match(/✗/g)).toHaveLength(wrong.length);
    expect(run.stderr).not.toContain('changeme');
    expect(cloud.calls).toEqual([]);
  });

  test('with a file of values that is not there', async () => {
    const cloud = await recordingCloud();
    const run = await startDeploy(cloud, ['--values', '/no/such/values']).ended;
    expect(run).toEqual({ code: 1, stdout: '', stderr: '没有文件 /no/such/values\n' });
    expect(cloud.calls).toEqual([]);
  });

  test('a plan needs no key of the cloud: whoever deploys with tcb has logged in there', async () => {
    const cloud = await recordingCloud();
    const { TENCENTCLOUD_SECRETID: _id, TENCENTCLOUD_SECRETKEY: _key, ...others } = VALUES;
    const run = await startDeploy(cloud, ['--dry-run'], others).ended;
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(run.stdout).toContain('还需要 TENCENTCLOUD_SECRETID、TENCENTCLOUD_SECRETKEY');
    const deployed = await startDeploy(cloud, [], others).ended;
    expect(deployed).toMatchObject({ code: 1, stdout: '' });
    expect(deployed.stderr.match(/✗/g)).toHaveLength(2);
    expect(cloud.calls).toEqual([]);
  });

  test('--dry-run prints the plan, and no value', async () => {
    const cloud = await recordingCloud();
    const run = await startDeploy(cloud, ['--dry-run', '--json']).ended;
    expect(run, run.stderr).toMatchObject({ code: 0 });
    for (const { collectionName } of collections) expect(run.stdout).toContain(`集合 ${collectionName}`);
    for (const { name } of functions) expect(run.stdout).toContain(`  ${name}：`);
    expect(lastJson(run)).toEqual({ ok: true, envId: ENV_ID, dryRun: true, changed: [], unchanged: [] });
    expectNoSecret(run);
    expect(cloud.calls).toEqual([]);
  });
});

describe.skipIf(!isThere)('as a process', () => {
  test('without a terminal nobody is asked, and no secret is printed', async () => {
    const cloud = await recordingCloud();
    const run = await startDeploy(cloud, ['--only', 'database', '--json']).ended;
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(cloud.state.collections.size).toBe(collections.length);
    expect(lastJson(run)).toMatchObject({ ok: true, unchanged: [] });
    expectNoSecret(run);
  });

  test('Ctrl-C: what was done is said, exit code 130, and the next run finishes it', async () => {
    const cloud = await recordingCloud();
    cloud.faults.set({ action: 'tcb.UpdateTable', nth: 2, effect: 'hold' });
    const { child, ended } = startDeploy(cloud, ['--only', 'database']);
    const isHeld = (): void =>
      expect(cloud.calls.filter((call) => nameOf(call) === 'tcb.UpdateTable')).toHaveLength(2);
    await vi.waitFor(isHeld, { timeout: 60_000 });
    child.kill('SIGINT');
    const run = await ended;
    cloud.release();
    expect(run.code).toBe(130);
    expect(run.stderr).toMatch(
      /中断了。\n已经做完：集合 voice_sessions\n正在做、可能已经生效：集合 voice_pages\n没有做完：/,
    );
    const again = await runDeploy(cloud, ['--only', 'database']);
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(cloud.state.collections.size).toBe(collections.length);
    expect(changesOf(cloud).filter((name) => name === 'tcb.CreateTable')).toHaveLength(collections.length);
  });
});
