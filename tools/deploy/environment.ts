import { type Clock, sleep } from '../../lib/clock.ts';
import { ToolError } from '../cli.ts';
import type { Cloud } from './manager.ts';
import type { Work } from './works.ts';

/** How long opening Cloud Run may take, and how often it is asked after, ms. */
const OPENS_WITHIN_MS = 600_000;
const ASK_EVERY_MS = 3_000;
/** What MCP and console open it with; there is no other package that needs no order (CloudBase-AI-Toolkit, 2026-08). */
const PACKAGE_TYPE = 'Trial';

interface EnvironmentInfo {
  EnvId?: string;
  Status?: string;
  PayMode?: string;
  Region?: string;
  PackageName?: string;
  Databases?: { InstanceId?: string; Status?: string }[] | null;
  Functions?: { Namespace?: string }[] | null;
}

interface CloudRunInfo {
  IsExist?: boolean;
  EnvBaseInfo?: { Status?: string; VpcId?: string; SubnetIds?: unknown } | null;
}

export interface Environment {
  region: string;
  payMode: string;
  packageName: string;
  /** Cloud Run is open in it. */
  cloudRun: 'open' | 'opening' | 'closed';
  /** The network that it was opened with, for the first service; undefined: the platform has made one. */
  vpc: { VpcId: string; CreateType: 2; SubnetIds: string[] } | undefined;
}

/**
 * Looks at the environment before anything is done to it.
 * @throws ToolError where nothing can be deployed to it
 */
export async function readEnvironment(cloud: Cloud): Promise<Environment> {
  const { envId } = cloud;
  const { EnvInfo } = await cloud.tcb<{ EnvInfo?: { EnvBaseInfo?: EnvironmentInfo | null } | null }>(
    'DescribeEnvInfo',
  );
  const info = EnvInfo?.EnvBaseInfo;
  if (!info?.EnvId)
    throw new ToolError(
      `没有环境 ${envId}：核对 TCB_ENV，它要属于 TENCENTCLOUD_SECRETID 的账号；不在上海的环境还要设 TENCENTCLOUD_REGION`,
    );
  if (info.Status !== 'NORMAL')
    throw new ToolError(`环境 ${envId} 现在不可用（${info.Status}）：在云开发控制台看它的状态，恢复后再运行`);
  const database = info.Databases?.[0];
  if (database?.Status !== 'RUNNING')
    throw new ToolError(
      `环境 ${envId} 的文档型数据库不可用（${database?.Status ?? '没有开通'}）：在控制台「文档型数据库」里开通`,
    );
  if (!info.Functions?.[0]?.Namespace)
    throw new ToolError(`环境 ${envId} 没有云函数：在控制台「云函数」里开通`);
  return {
    region: info.Region ?? '',
    payMode: info.PayMode ?? '',
    packageName: info.PackageName ?? '',
    ...(await readCloudRun(cloud)),
  };
}

async function readCloudRun(cloud: Cloud): Promise<Pick<Environment, 'cloudRun' | 'vpc'>> {
  const { IsExist, EnvBaseInfo } = await cloud.cloudRun<CloudRunInfo>('DescribeEnvBaseInfo');
  if (IsExist !== true) return { cloudRun: 'closed', vpc: undefined };
  const { Status = '', VpcId, SubnetIds } = EnvBaseInfo ?? {};
  const subnets = Array.isArray(SubnetIds) ? SubnetIds.map(String) : [];
  return {
    cloudRun: Status.toLowerCase() === 'creating' ? 'opening' : 'open',
    vpc: VpcId && subnets.length > 0 ? { VpcId, CreateType: 2, SubnetIds: subnets } : undefined,
  };
}

/**
 * Opens Cloud Run in an environment that has none yet. A service that is created without it lands in an older system
 * (CloudBase-AI-Toolkit, 2026-08).
 */
export const openCloudRunWork = (cloud: Cloud, { cloudRun }: Environment, clock: Clock): Work => ({
  part: 'container',
  subject: '云托管',
  isNew: cloudRun === 'closed',
  changes:
    cloudRun === 'open' ? [] : [cloudRun === 'closed' ? `开通（套餐类型 ${PACKAGE_TYPE}）` : '等它开通'],
  notes: [],
  problems: [],
  async run(tell) {
    if (cloudRun === 'closed')
      await cloud.cloudRun('CreateCloudRunEnv', { PackageType: PACKAGE_TYPE, EnvType: 'baas' });
    tell('正在开通');
    const startedAt = clock.now();
    for (let now = await readCloudRun(cloud); now.cloudRun !== 'open'; now = await readCloudRun(cloud)) {
      if (clock.now() - startedAt > OPENS_WITHIN_MS)
        throw new ToolError('云托管十分钟还没有开通：在控制台「云托管」里看原因，开通后再运行');
      await sleep(clock, ASK_EVERY_MS);
    }
  },
});
