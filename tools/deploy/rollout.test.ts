import { beforeAll, describe, expect, test, vi } from 'vitest';
import { nameOf } from '../../local/deploy-cloud/calls.ts';
import type { DeployCloud } from '../../local/deploy-cloud/server.ts';
import type { CloudState, Service } from '../../local/deploy-cloud/state.ts';
import { readRc } from './description.ts';
import { installedForTests } from './testing/installed.ts';
import { changesOf, newCloud, recordingCloud, runDeploy, SECRETS, VALUES } from './testing/recorded.ts';
import { MANAGER_PACKAGE } from './tool-packages.ts';

// each run builds the container, on a machine that may be busy
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const isThere = installedForTests(MANAGER_PACKAGE, 'REQUIRE_DEPLOY', 'npm run test:deploy 会安装它');
const { serviceName } = readRc().framework.plugins.container.inputs;
const serviceOf = ({ services }: CloudState): Service => {
  const service = services.get(serviceName);
  if (!service) throw new Error('no service');
  return service;
};
const flows = (cloud: DeployCloud): number[] => serviceOf(cloud.state).versions.map(({ flow }) => flow);
const deploy = (cloud: DeployCloud, ...args: string[]) => runDeploy(cloud, ['--only', 'container', ...args]);

/** Makes the code that runs differ from the one that is built: it was deployed from another commit. */
function fromAnotherCommit(cloud: DeployCloud): void {
  const service = serviceOf(cloud.state);
  const variables = JSON.parse(service.config.EnvParams);
  const DEPLOY_RECORD = variables.DEPLOY_RECORD.replace(/code \w+/, 'code 0123456789abcdef');
  service.config = { ...service.config, EnvParams: JSON.stringify({ ...variables, DEPLOY_RECORD }) };
}

describe.skipIf(!isThere)('versions of the container', () => {
  let deployed: CloudState;
  beforeAll(async () => {
    const cloud = await newCloud();
    const run = await deploy(cloud);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    deployed = structuredClone(cloud.state);
    await cloud.close();
  });

  test('other code is a new version, with all traffic once it runs', async () => {
    const cloud = await recordingCloud(deployed);
    fromAnotherCommit(cloud);
    cloud.state.nextVersion = { status: 'running', after: 2 };
    const run = await deploy(cloud);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(changesOf(cloud)).toEqual(['tcbr.UpdateCloudRunServer']);
    expect(flows(cloud)).toEqual([0, 100]);
    expect(serviceOf(cloud.state).config.OpenAccessTypes).toEqual(['MINIAPP']);
    expect(JSON.stringify(cloud.calls)).not.toContain('PUBLIC');
  });

  test('a version that does not start: the cloud’s reason and logs, exit code 1, the old one stays; it is tried again', async () => {
    const cloud = await recordingCloud(deployed);
    fromAnotherCommit(cloud);
    cloud.state.nextVersion = {
      status: 'deploy_failed',
      after: 1,
      reason: 'readiness probe failed',
      processLog: [`TICKET_SECRET=${VALUES.TICKET_SECRET}`, 'Error: listen EACCES'],
    };
    const run = await deploy(cloud);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('新版本没有跑起来（deploy_failed）：readiness probe failed');
    expect(run.stderr).toContain('Error: listen EACCES');
    for (const secret of SECRETS) expect(run.stdout + run.stderr).not.toContain(secret);
    expect(flows(cloud)).toEqual([100, 0]);

    cloud.state.nextVersion = { status: 'running', after: 0 };
    const again = await deploy(cloud);
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(flows(cloud)).toEqual([0, 0, 100]);
  });

  describe('--gray', () => {
    /** A cloud in which 10 % of the traffic goes to a new version. */
    async function trying(): Promise<DeployCloud> {
      const cloud = await recordingCloud(deployed);
      fromAnotherCommit(cloud);
      const run = await deploy(cloud, '--gray', '10');
      expect(run, run.stderr).toMatchObject({ code: 0 });
      expect(flows(cloud)).toEqual([90, 10]);
      cloud.calls.length = 0;
      return cloud;
    }

    test('10 and then 50 % of the traffic, and all of it with --gray 100', async () => {
      const cloud = await trying();
      expect((await deploy(cloud, '--gray', '50')).code).toBe(0);
      expect(flows(cloud)).toEqual([50, 50]);
      expect((await deploy(cloud, '--gray', '100')).code).toBe(0);
      expect(flows(cloud)).toEqual([0, 100]);
      // nothing is built a second time
      expect(changesOf(cloud)).toEqual(['tcbr.ReleaseGray', 'tcbr.ReleaseGray']);
      expect((await deploy(cloud)).stdout).toContain('什么都没有改');
    });

    test('the whole deployment of the same code gives it all traffic, and puts settings right', async () => {
      const cloud = await trying();
      const service = serviceOf(cloud.state);
      service.config = { ...service.config, MinNum: 0 };
      expect((await deploy(cloud)).code).toBe(0);
      expect(flows(cloud)).toEqual([0, 100]);
      expect(service.config.MinNum).toBe(1);
    });

    test('a service that somebody has opened meanwhile is closed; other settings wait until the trial is over', async () => {
      const cloud = await trying();
      const service = serviceOf(cloud.state);
      service.config = { ...service.config, OpenAccessTypes: ['OA', 'PUBLIC', 'MINIAPP'], MaxNum: 9 };
      const run = await deploy(cloud, '--gray', '50');
      expect(run, run.stderr).toMatchObject({ code: 0 });
      expect(service.config).toMatchObject({ OpenAccessTypes: ['MINIAPP'], MaxNum: 9 });
      expect(run.stdout).toContain('全量时才改：');
    });

    test('other code meanwhile stands in the way', async () => {
      const cloud = await trying();
      fromAnotherCommit(cloud);
      const run = await deploy(cloud);
      expect(run.code).toBe(1);
      expect(run.stderr).toContain('正在灰度另一个版本');
      expect(changesOf(cloud)).toEqual([]);
    });

    test('--rollback withdraws it', async () => {
      const cloud = await trying();
      const run = await runDeploy(cloud, ['--rollback']);
      expect(run, run.stderr).toMatchObject({ code: 0 });
      expect(flows(cloud)).toEqual([100, 0]);
      expect(changesOf(cloud)).toEqual(['tcbr.OperateServerManage']);
    });

    test('without a version before it there is nothing to compare it with', async () => {
      const cloud = await recordingCloud();
      const run = await deploy(cloud, '--gray', '10');
      expect(run.code).toBe(1);
      expect(run.stderr).toContain('第一次部署不用 --gray');
      expect(changesOf(cloud)).toEqual([]);
    });
  });

  describe('--rollback', () => {
    test('the version before gets all traffic, once; the next deployment makes a new one', async () => {
      const cloud = await recordingCloud(deployed);
      fromAnotherCommit(cloud);
      expect((await deploy(cloud)).code).toBe(0);
      cloud.calls.length = 0;

      const run = await runDeploy(cloud, ['--rollback']);
      expect(run, run.stderr).toMatchObject({ code: 0 });
      expect(flows(cloud)).toEqual([100, 0]);
      expect(changesOf(cloud)).toEqual(['tcbr.SubmitServerRollback']);
      expect(run.stdout).toContain('云函数没有版本');

      const again = await runDeploy(cloud, ['--rollback']);
      expect(again.code).toBe(1);
      expect(again.stderr).toContain('刚才已经退回到');
      expect(flows(cloud)).toEqual([100, 0]);

      expect((await deploy(cloud)).code).toBe(0);
      expect(flows(cloud)).toEqual([0, 0, 100]);
    });

    test('with one version only there is nothing to go back to', async () => {
      const cloud = await recordingCloud(deployed);
      const run = await runDeploy(cloud, ['--rollback']);
      expect(run.code).toBe(1);
      expect(run.stderr).toContain('上一个版本');
      expect(cloud.calls.map(nameOf)).not.toContain('tcbr.SubmitServerRollback');
    });
  });
});
