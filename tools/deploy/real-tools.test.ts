import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { functionFiles } from '../../compile/testing/function-files.ts';
import { nameOf } from '../../local/deploy-cloud/calls.ts';
import type { DeployCloud } from '../../local/deploy-cloud/server.ts';
import type { Service } from '../../local/deploy-cloud/state.ts';
import { zipEntries } from '../../local/deploy-cloud/zip-entries.ts';
import { ROOT } from '../root.ts';
import { describe as describeDeployment, readRc } from './description.ts';
import { installedForTests } from './testing/installed.ts';
import { IN_ENVIRONMENT, login, makeProject, type Project, TELEMETRY, tcb } from './testing/real-tools.ts';
import { changesOf, newCloud, runDeploy, VALUES } from './testing/recorded.ts';
import { REAL_TOOLS } from './tool-packages.ts';

// each start of the CLI loads 32 MB, on a machine that may be busy
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const isThere = installedForTests(REAL_TOOLS, 'REQUIRE_REAL_TOOLS', 'npm run test:deploy 会安装它');
const { container, functions } = describeDeployment(readRc(), VALUES);
const { serviceName } = container;
const ALL_FUNCTIONS = ['fn', 'deploy', '--all', '--force', ...IN_ENVIRONMENT];
const CONTAINER = [
  'cloudrun',
  'deploy',
  ...IN_ENVIRONMENT,
  '-s',
  serviceName,
  '--source',
  'dist/container',
  '--force',
];

/** What the documents say of the vendor's own tools, 2.12.10 of the CLI and 1.9.7 of the framework. */
describe.skipIf(!isThere)('the real tools', () => {
  let project: Project;
  let cloud: DeployCloud;
  beforeAll(async () => {
    project = await makeProject();
    const forLogin = await newCloud();
    const run = await login(forLogin, project);
    await forLogin.close();
    expect(run, run.stdout).toMatchObject({ code: 0 });
  });
  afterAll(() => project?.remove());
  beforeEach(async () => {
    cloud = await newCloud();
    cloud.state.cloudRun = 'normal';
    return () => cloud.close();
  });

  const service = (): Service => {
    const found = cloud.state.services.get(serviceName);
    if (!found) throw new Error('no service');
    return found;
  };
  /** What nobody has an answer to, but for the CLI's own report of what it was used for. */
  const unknown = (): string[] => cloud.unknownCalls.filter((call) => call !== TELEMETRY);
  const variablesOf = (name: string): Record<string, string> =>
    Object.fromEntries(cloud.state.functions.get(name)?.variables ?? []);

  describe('tcb fn deploy', () => {
    test('with values sends what the description says; a second time it uploads everything again', async () => {
      project.fill(VALUES);
      const run = await tcb(cloud, project, ...ALL_FUNCTIONS);
      expect(run, run.stdout).toMatchObject({ code: 0 });
      expect(unknown()).toEqual([]);
      for (const spec of functions) {
        const made = cloud.state.functions.get(spec.name);
        expect(made).toMatchObject({
          runtime: spec.runtime,
          timeout: spec.timeout,
          memory: spec.memorySize,
          installDependency: 'FALSE',
        });
        expect(variablesOf(spec.name)).toMatchObject(spec.envVariables);
        expect(made?.triggers.map(({ TriggerName }) => TriggerName)).toEqual(
          (spec.triggers ?? []).map(({ name }) => name),
        );
        expect(zipEntries(made?.zip ?? new Uint8Array()).sort()).toEqual(functionFiles(spec.name));
      }
      cloud.state.functions.get('history')?.variables.set('MY_OWN', 'mine');
      expect((await tcb(cloud, project, ...ALL_FUNCTIONS)).code).toBe(0);
      expect(cloud.state.functions.get('history')?.uploads).toBe(2);
      // and what was set by hand is lost
      expect(variablesOf('history').MY_OWN).toBeUndefined();
    });

    test('without values deploys empty secrets and calls it a success; npm run deploy -- --dry-run refuses them', async () => {
      project.fill();
      const run = await tcb(cloud, project, ...ALL_FUNCTIONS);
      expect(run.code).toBe(0);
      expect(variablesOf('ticket')).toEqual({ TICKET_SECRET: '' });
      expect(variablesOf('recognize')).toMatchObject({ TENCENT_SECRET_KEY: '' });
      expect((await runDeploy(cloud, ['--dry-run'], {})).code).toBe(1);
    });
  });

  describe('tcb cloudrun deploy', () => {
    test('makes a service that cannot start: no variables, open to the public; npm run deploy puts it right', async () => {
      for (const name of ['stale', '.env'])
        writeFileSync(join(project.folder, 'dist/container', name), 'PLANTED=1\n');
      cloud.state.nextVersion = { status: 'deploy_failed', after: 0 };
      const run = await tcb(cloud, project, ...CONTAINER);
      expect(run, run.stdout).toMatchObject({ code: 0 });
      expect(unknown()).toEqual([]);
      expect(service().config).toMatchObject({
        EnvParams: '{}',
        MinNum: 0,
        // without --port
        Port: 80,
        OpenAccessTypes: ['OA', 'PUBLIC', 'MINIAPP'],
      });
      // everything in the folder is sent, .env too
      const { zip = new Uint8Array() } = service().versions[0] ?? {};
      expect(zipEntries(zip).sort()).toEqual(['.env', 'Dockerfile', 'index.js', 'package.json', 'stale']);
      // and a file of its own is left behind, for the next upload
      expect(existsSync(join(project.folder, 'dist/container/cloudbaserc.json'))).toBe(true);

      // nobody has waited for what becomes of it
      expect(cloud.calls.map(nameOf)).not.toContain('tcbr.DescribeCloudRunDeployRecord');

      cloud.state.nextVersion = { status: 'running', after: 0 };
      const deployed = await runDeploy(cloud, ['--only', 'container']);
      expect(deployed, deployed.stderr).toMatchObject({ code: 0 });
      expect(service().config).toMatchObject({ MinNum: container.minNum, OpenAccessTypes: ['MINIAPP'] });
      expect(JSON.parse(service().config.EnvParams)).toMatchObject(container.envVariables);
      expect(service().versions.map(({ flow }) => flow)).toEqual([0, 100]);
    });

    test('--port is passed on; --type does not exist, and nothing is sent', async () => {
      expect((await tcb(cloud, project, ...CONTAINER, '--port', '8080')).code).toBe(0);
      expect(service().config.Port).toBe(8080);
      const changes = changesOf(cloud).length;
      const typed = await tcb(cloud, project, ...CONTAINER, '--type', 'container-websocket');
      expect(typed.code).not.toBe(0);
      expect(changesOf(cloud)).toHaveLength(changes);
    });

    test('an update without a terminal stops at a question, deploys nothing, and calls it a success', async () => {
      expect((await runDeploy(cloud, ['--only', 'container'])).code).toBe(0);
      cloud.calls.length = 0;
      const run = await tcb(cloud, project, ...CONTAINER);
      expect(run.code).toBe(0);
      expect(changesOf(cloud)).toEqual([]);
      expect(service().versions).toHaveLength(1);
    });

    test('an update with --traffic opens the service to the public; npm run deploy closes it', async () => {
      expect((await runDeploy(cloud, ['--only', 'container'])).code).toBe(0);
      expect((await tcb(cloud, project, ...CONTAINER, '--traffic')).code).toBe(0);
      // variables are kept
      expect(JSON.parse(service().config.EnvParams)).toMatchObject(container.envVariables);
      expect(service().config.OpenAccessTypes).toEqual(['OA', 'PUBLIC', 'MINIAPP']);
      const deployed = await runDeploy(cloud, ['--only', 'container', '--gray', '10']);
      expect(deployed, deployed.stderr).toMatchObject({ code: 0 });
      expect(service().config.OpenAccessTypes).toEqual(['MINIAPP']);
      expect(service().versions.map(({ flow }) => flow)).toEqual([90, 10]);
    });
  });

  describe('tcb framework deploy', () => {
    test('deploys nothing, after it has sent all secrets and written them where everybody can read them', async () => {
      project.fill(VALUES);
      const run = await tcb(cloud, project, 'framework', 'deploy', ...IN_ENVIRONMENT);
      expect(run.code).not.toBe(0);
      const sent = cloud.calls.find((call) => nameOf(call) === 'tcb.CreateAndDeployCloudBaseProject');
      expect(sent?.params.RcJson).toContain(VALUES.TENCENT_SECRET_KEY);
      const logs = join(project.home, 'cloudbase-framework/logs');
      const withSecrets = readdirSync(logs)
        .map((name) => join(logs, name))
        .filter((file) => readFileSync(file, 'utf8').includes(VALUES.TENCENT_SECRET_KEY ?? ''));
      expect(withSecrets).toHaveLength(1);
      expect(statSync(withSecrets[0] ?? '').mode & 0o004).toBe(0o004);
      expect(cloud.state.functions.size + cloud.state.services.size + cloud.state.collections.size).toBe(0);
      // it wants plugins from the registry
      expect(unknown()).toContain('GET registry.npmjs.org/@cloudbase%2fframework-plugin-database');
    });

    test('its plugins, driven directly, read the description as it is meant', () => {
      project.fill(VALUES);
      const script = join(ROOT, 'tools/deploy/testing/framework-plugins.mjs');
      const printed = execFileSync(process.execPath, [script, REAL_TOOLS.folder], {
        cwd: project.folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const { valid, compiled } = JSON.parse(printed.trimEnd().split('\n').at(-1) ?? '');
      expect(valid).toBe(true);
      const [made] = Object.values(compiled.container.Resources) as { Properties: Record<string, unknown> }[];
      expect(made?.Properties).toMatchObject({
        ServerName: serviceName,
        isPublic: false,
        Cpu: container.cpu,
        Mem: container.mem,
        MinNum: container.minNum,
        MaxNum: container.maxNum,
        ContainerPort: container.containerPort,
      });
      expect(JSON.parse(String(made?.Properties.EnvParams))).toEqual(container.envVariables);
      const resources = Object.values(compiled.function.Resources) as {
        Properties: Record<string, unknown>;
      }[];
      expect(
        resources.map(({ Properties }) => [Properties.FunctionName, Properties.Runtime, Properties.Timeout]),
      ).toEqual(functions.map(({ name, runtime, timeout }) => [name, runtime, timeout]));
    });
  });
});
