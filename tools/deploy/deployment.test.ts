import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { functionFiles } from '../../compile/testing/function-files.ts';
import { nameOf, type RecordedCall } from '../../local/deploy-cloud/calls.ts';
import type { DeployCloud } from '../../local/deploy-cloud/server.ts';
import type { CloudState, Service } from '../../local/deploy-cloud/state.ts';
import { zipEntries } from '../../local/deploy-cloud/zip-entries.ts';
import { ROOT } from '../root.ts';
import { describe as describeDeployment, readRc } from './description.ts';
import { installedForTests } from './testing/installed.ts';
import {
  changesOf,
  ENV_ID,
  newCloud,
  type Run,
  recordingCloud,
  runDeploy,
  SECRETS,
  VALUES,
} from './testing/recorded.ts';
import { MANAGER_PACKAGE } from './tool-packages.ts';

// each run builds the container and the functions, on a machine that may be busy
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const isThere = installedForTests(MANAGER_PACKAGE, 'REQUIRE_DEPLOY', 'npm run test:deploy 会安装它');
const { collections, container, functions } = describeDeployment(readRc(), VALUES);

const callsOf = (cloud: DeployCloud, name: string): RecordedCall[] =>
  cloud.calls.filter((call) => nameOf(call) === name);
const lastJson = ({ stdout }: Run) => JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
const serviceOf = ({ services }: CloudState): Service => {
  const service = services.get(container.serviceName);
  if (!service) throw new Error('no service');
  return service;
};
function expectNoSecret({ stdout, stderr }: Run): void {
  for (const secret of SECRETS) expect(stdout + stderr).not.toContain(secret);
}

describe.skipIf(!isThere)('npm run deploy', () => {
  let first: DeployCloud;
  let firstRun: Run;
  /** An environment to which everything has been deployed. */
  let deployed: CloudState;
  /** Files that do not belong into any package, at the places where tools look for files. */
  const planted = ['dist/container/stale', 'dist/container/.env', 'dist/.env']
    .map((path) => join(ROOT, path))
    .filter((path) => !existsSync(path));
  beforeAll(async () => {
    mkdirSync(join(ROOT, 'dist/container'), { recursive: true });
    for (const path of planted) writeFileSync(path, 'PLANTED=1\n');
    first = await newCloud();
    firstRun = await runDeploy(first, ['--json']);
    deployed = structuredClone(first.state);
  });
  afterAll(async () => {
    for (const path of planted) rmSync(path, { force: true });
    await first?.close();
  });

  describe('to an environment in which there is nothing', () => {
    test('makes everything that the description has, and knows all that it asks the cloud for', () => {
      expect(firstRun, firstRun.stderr).toMatchObject({ code: 0 });
      expect(first.unknownCalls).toEqual([]);
      expect(lastJson(firstRun)).toMatchObject({ ok: true, envId: ENV_ID, unchanged: [] });
      expect(lastJson(firstRun).changed).toHaveLength(collections.length + 2 + functions.length);
    });

    test('collections with their indexes, and the permission before anything can be in them', () => {
      for (const { collectionName, aclTag, createIndexes } of collections) {
        const made = deployed.collections.get(collectionName);
        expect(made?.acl).toBe(aclTag);
        expect(made?.indexes).toEqual(
          createIndexes.map(({ name, unique, keys }) => ({
            Name: name,
            Unique: unique,
            Keys: keys.map((key) => ({ Name: key.name, Direction: key.direction })),
          })),
        );
      }
      const made = changesOf(first).filter((name) => name.endsWith('Table') || name.endsWith('ACL'));
      expect(made.slice(0, 3)).toEqual(['tcb.CreateTable', 'tcb.ModifyDatabaseACL', 'tcb.UpdateTable']);
    });

    test('functions with variables, timer, time limit and memory', () => {
      expect([...deployed.functions.keys()].sort()).toEqual(functions.map(({ name }) => name).sort());
      for (const spec of functions) {
        const made = deployed.functions.get(spec.name);
        expect(made).toMatchObject({
          runtime: spec.runtime,
          handler: spec.handler,
          timeout: spec.timeout,
          memory: spec.memorySize,
          installDependency: 'FALSE',
        });
        expect(Object.fromEntries(made?.variables ?? [])).toEqual(spec.envVariables);
        expect(made?.triggers.map(({ TriggerName }) => TriggerName)).toEqual(
          (spec.triggers ?? []).map(({ name }) => name),
        );
        expect(zipEntries(made?.zip ?? new Uint8Array()).sort()).toEqual(functionFiles(spec.name));
      }
    });

    test('the container, never open to the public, with its variables and at least one instance', () => {
      const { config, versions } = serviceOf(deployed);
      expect(config).toMatchObject({
        OpenAccessTypes: ['MINIAPP'],
        Cpu: container.cpu,
        Mem: container.mem,
        MinNum: container.minNum,
        MaxNum: container.maxNum,
        Port: container.containerPort,
        HasDockerfile: true,
        Dockerfile: 'Dockerfile',
      });
      const { DEPLOY_RECORD, ...variables } = JSON.parse(config.EnvParams);
      expect(variables).toEqual(container.envVariables);
      expect(DEPLOY_RECORD).toMatch(/^realtime voice, code [0-9a-f]{16}, build /);
      expect(versions).toMatchObject([{ flow: 100, remark: DEPLOY_RECORD }]);
      expect(JSON.stringify(first.calls)).not.toContain('PUBLIC');
    });

    test('the package of the container is what was built, whatever lies in dist/', () => {
      const [version] = serviceOf(deployed).versions;
      expect(zipEntries(version?.zip ?? new Uint8Array())).toEqual([
        'Dockerfile',
        'index.js',
        'package.json',
      ]);
    });

    test('Cloud Run is opened before the first service, and the container is there before the functions', () => {
      const names = changesOf(first);
      const order = ['tcbr.CreateCloudRunEnv', 'tcbr.CreateCloudRunServer', 'scf.CreateFunction'];
      expect(order.map((name) => names.indexOf(name))).toEqual(
        order.map((name) => names.indexOf(name)).toSorted((a, b) => a - b),
      );
    });

    test('no secret is printed, nor deployed inside of a package', () => {
      expectNoSecret(firstRun);
      const packages = [
        ...deployed.objects.values(),
        ...[...deployed.functions.values()].map(({ zip }) => zip),
      ];
      for (const secret of SECRETS)
        for (const one of packages) expect(Buffer.from(one).includes(secret)).toBe(false);
    });
  });

  test('a second time: nothing is changed', async () => {
    const cloud = await recordingCloud(deployed);
    const run = await runDeploy(cloud, ['--json']);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(changesOf(cloud)).toEqual([]);
    expect(lastJson(run)).toMatchObject({ ok: true, changed: [] });
  });

  test('what was changed by hand is put right; what was set besides stays, and is named', async () => {
    const cloud = await recordingCloud(deployed);
    const { functions: made, collections: there } = cloud.state;
    const history = made.get('history');
    const service = serviceOf(cloud.state);
    if (!history) throw new Error('no history');
    history.timeout = 20;
    history.variables.set('MY_OWN', 'mine').set('TICKET_SECRET', 'another');
    there.get('voice_sessions')?.indexes.pop();
    const EnvParams = JSON.stringify({ ...JSON.parse(service.config.EnvParams), LOG_LEVEL: 'debug' });
    service.config = {
      ...service.config,
      EnvParams,
      MinNum: 0,
      OpenAccessTypes: ['OA', 'PUBLIC', 'MINIAPP'],
    };

    const run = await runDeploy(cloud);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(changesOf(cloud)).toEqual([
      'tcb.UpdateTable',
      'tcbr.SubmitServerConfigChangeDiff',
      'scf.UpdateFunctionConfiguration',
    ]);
    expect(history.timeout).toBe(30);
    expect(Object.fromEntries(history.variables)).toEqual({
      MY_OWN: 'mine',
      TICKET_SECRET: VALUES.TICKET_SECRET,
    });
    expect(serviceOf(cloud.state).config).toMatchObject({
      MinNum: 1,
      OpenAccessTypes: ['MINIAPP'],
      EnvParams,
    });
    expect(run.stdout).toContain('描述之外的变量保留：MY_OWN');
    expect(run.stdout).toContain('描述之外的变量保留：LOG_LEVEL');
    expectNoSecret(run);
  });

  test('another value: variables only, no code', async () => {
    const cloud = await recordingCloud(deployed);
    const TICKET_SECRET = `k2:${'1f'.repeat(32)},k1:${VALUES.TICKET_SECRET}`;
    const run = await runDeploy(cloud, [], { ...VALUES, TICKET_SECRET });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    // the container knows a key before the first ticket is signed with it
    expect(changesOf(cloud)).toEqual([
      'tcbr.SubmitServerConfigChangeDiff',
      ...functions.map(() => 'scf.UpdateFunctionConfiguration'),
    ]);
    expect(run.stdout + run.stderr).not.toContain('1f1f');
    expect(cloud.state.functions.get('ticket')?.variables.get('TICKET_SECRET')).toBe(TICKET_SECRET);
  });

  test('--only leaves the rest alone', async () => {
    const cloud = await recordingCloud();
    const run = await runDeploy(cloud, ['--only', 'database']);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(new Set(changesOf(cloud))).toEqual(
      new Set(['tcb.CreateTable', 'tcb.ModifyDatabaseACL', 'tcb.UpdateTable']),
    );
  });

  describe('nothing is changed', () => {
    test.each<[string, (state: CloudState) => void, string]>([
      ['the environment is another account’s', (state) => (state.envId = 'other-1a2b3c'), '没有环境'],
      ['the environment is isolated', (state) => (state.status = 'UNAVAILABLE'), 'UNAVAILABLE'],
      ['there is no document database', (state) => (state.databases = []), '文档型数据库'],
    ])('%s', async (_, change, mention) => {
      const cloud = await recordingCloud();
      change(cloud.state);
      const run = await runDeploy(cloud, ['--only', 'database']);
      expect(run.code).toBe(1);
      expect(run.stderr).toContain(mention);
      expect(changesOf(cloud)).toEqual([]);
    });

    test('conflicts that only people can resolve are all named', async () => {
      const cloud = await recordingCloud(deployed);
      const stats = cloud.state.functions.get('stats');
      const [index] = cloud.state.collections.get('voice_pages')?.indexes ?? [];
      if (!stats || !index) throw new Error('not deployed');
      stats.runtime = 'Nodejs18.15';
      index.Unique = false;
      const run = await runDeploy(cloud);
      expect(run.code).toBe(1);
      expect(run.stderr).toContain('云函数 stats：运行环境是 Nodejs18.15');
      expect(run.stderr).toContain('集合 voice_pages：同名的索引不一样');
      expect(changesOf(cloud)).toEqual([]);
    });

    test('people who do not agree', async () => {
      const cloud = await recordingCloud();
      const run = await runDeploy(cloud, ['--only', 'database'], VALUES, false);
      expect(run.code).toBe(1);
      expect(run.stdout).toContain('+ 集合 voice_sessions');
      expect(run.stderr).toContain('没有继续，什么都没有改');
      expect(changesOf(cloud)).toEqual([]);
      expect((await runDeploy(cloud, ['--only', 'database', '--yes'], VALUES, false)).code).toBe(0);
    });

    test('a key that the cloud does not accept', async () => {
      const cloud = await recordingCloud();
      const values = { ...VALUES, TENCENTCLOUD_SECRETKEY: 'another+key/0123456789abcdefghijkl' };
      const run = await runDeploy(cloud, ['--only', 'database', '--json'], values);
      expect(run.code).toBe(1);
      expect(run.stderr).toContain('AuthFailure.SignatureFailure');
      expect(run.stderr).toContain('不成对');
      expect(lastJson(run)).toMatchObject({ ok: false, error: expect.stringContaining('SignatureFailure') });
    });
  });

  describe('what goes wrong on the way', () => {
    test('a refusal: which step, what the cloud said, what was done; the next run finishes it', async () => {
      const cloud = await recordingCloud();
      const leaked = `quota of ${VALUES.TICKET_SECRET}`;
      cloud.faults.set({
        action: 'tcb.UpdateTable',
        nth: 2,
        effect: 'refuse',
        code: 'LimitExceeded',
        message: leaked,
      });
      const run = await runDeploy(cloud, ['--only', 'database']);
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(
        /✗ 集合 voice_pages：云拒绝了 UpdateTable（LimitExceeded）：quota of 〔TICKET_SECRET〕\n.*→ .*额度/,
      );
      expect(run.stderr).toContain('已经做完：集合 voice_sessions\n');
      expectNoSecret(run);

      const from = cloud.calls.length;
      const again = await runDeploy(cloud, ['--only', 'database']);
      expect(again, again.stderr).toMatchObject({ code: 0 });
      const sent = cloud.calls
        .slice(from)
        .filter((call) => JSON.stringify(call.params).includes('voice_sessions'));
      expect(sent.map(nameOf)).toEqual(['tcb.DescribeTable', 'tcb.DescribeDatabaseACL']);
      expect(cloud.state.collections).toEqual(deployed.collections);
    });

    test.each(['cut-before', 'cut-after'] as const)(
      'a connection that breaks (%s): the next run finishes it',
      async (effect) => {
        const cloud = await recordingCloud();
        cloud.faults.set({ action: 'tcb.CreateTable', nth: 2, effect });
        const run = await runDeploy(cloud, ['--only', 'database']);
        expect(run.code).toBe(1);
        expect(run.stderr).toContain('没有应答');
        expect(run.stderr).toContain('可能已经生效');
        const again = await runDeploy(cloud, ['--only', 'database']);
        expect(again, again.stderr).toMatchObject({ code: 0 });
        expect(cloud.state.collections).toEqual(deployed.collections);
      },
    );

    test('a function that fails does not keep the others from being finished', async () => {
      const cloud = await recordingCloud();
      cloud.faults.set({ action: 'scf.CreateFunction', effect: 'refuse', code: 'LimitExceeded.Function' });
      const run = await runDeploy(cloud, ['--only', 'functions']);
      expect(run.code).toBe(1);
      expect(run.stderr).toContain('LimitExceeded.Function');
      expect(cloud.state.functions.size).toBe(functions.length - 1);
      const again = await runDeploy(cloud, ['--only', 'functions']);
      expect(again, again.stderr).toMatchObject({ code: 0 });
      expect(callsOf(cloud, 'scf.CreateFunction')).toHaveLength(functions.length + 1);
    });
  });
});
