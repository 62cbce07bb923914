import type { Clock } from '../../lib/clock.ts';
import {
  type ContainerDifference,
  type ContainerWanted,
  compareContainer,
  wantedSettings,
} from './container.ts';
import { accessTypesOf } from './description.ts';
import type { Environment } from './environment.ts';
import { type Cloud, ifThere } from './manager.ts';
import { type Package, sizeOf } from './packages.ts';
import { formatRecord } from './record.ts';
import { NO_RELEASES, readTask, releasesOf } from './releases.ts';
import { knownDeployments, waitForTask, waitForVersion } from './waiting.ts';
import type { Tell, Work } from './works.ts';

interface Context {
  cloud: Cloud;
  environment: Environment;
  made: Package;
  clock: Clock;
}

/** Uploads the package. @returns what names it in the call that follows */
async function upload({ cloud, made }: Context, serverName: string): Promise<object> {
  const { UploadUrl, UploadHeaders, PackageName, PackageVersion } = await cloud.tcb<{
    UploadUrl: string;
    UploadHeaders?: { Key: string; Value: string }[] | null;
    PackageName: string;
    PackageVersion: string;
  }>('DescribeCloudBaseBuildService', { ServiceName: serverName });
  const headers = Object.fromEntries((UploadHeaders ?? []).map(({ Key, Value }) => [Key, Value]));
  await cloud.upload({ url: UploadUrl, file: made.zip, method: 'PUT', headers });
  return { DeployType: 'package', PackageName, PackageVersion };
}

/** All settings, so that a new version never runs with what was there by chance. */
const allItems = (
  { cloud }: Context,
  { spec }: ContainerWanted,
  { variables }: ContainerDifference,
): object[] =>
  cloud.settingItems({
    ...wantedSettings(spec),
    EnvParams: JSON.stringify(variables.merged),
    HasDockerfile: true,
    Dockerfile: 'Dockerfile',
  });

/** Makes a new version and waits until it runs. */
async function release(
  context: Context,
  wanted: ContainerWanted,
  difference: ContainerDifference,
  tell: Tell,
): Promise<void> {
  const { cloud, environment, clock } = context;
  const { spec, code, record } = wanted;
  const { serviceName: serverName } = spec;
  const isNew = difference.release === 'create';
  tell('正在上传');
  const known = isNew ? new Set<string>() : await knownDeployments(cloud, serverName);
  const remark = { DeployRemark: formatRecord({ ...record, code }) };
  const deployment = { ...(await upload(context, serverName)), ...remark };
  const common = { ServerName: serverName, Items: allItems(context, wanted, difference) };
  if (isNew)
    await cloud.cloudRun('CreateCloudRunServer', {
      ...common,
      DeployInfo: deployment,
      ...(environment.vpc && { VpcInfo: environment.vpc }),
    });
  else
    await cloud.cloudRun('UpdateCloudRunServer', {
      ...common,
      DeployInfo: { ...deployment, ReleaseType: difference.release === 'gray' ? 'GRAY' : 'FULL' },
    });
  await waitForVersion(cloud, serverName, known, { clock, tell });
}

/** The API takes CPU and memory as a pair only. */
function changedSettings({ settings, variables }: ContainerDifference, wanted: ContainerWanted): object {
  const { Cpu, Mem } = wantedSettings(wanted.spec);
  const areVariables = variables.added.length + variables.changed.length + variables.removed.length > 0;
  return {
    ...settings,
    ...(settings.Cpu !== undefined || settings.Mem !== undefined ? { Cpu, Mem } : {}),
    ...(areVariables ? { EnvParams: JSON.stringify(variables.merged) } : {}),
  };
}

/** Changes settings only; the cloud restarts the image that is there where it has to. */
async function changeSettings(
  { cloud, clock }: Context,
  serverName: string,
  settings: object,
  tell: Tell,
): Promise<void> {
  const items = cloud.settingItems(settings);
  if (items.length === 0) return;
  tell('正在更改设置');
  const { TaskId = 0 } = await cloud.cloudRun<{ TaskId?: number }>('SubmitServerConfigChangeDiff', {
    ServerName: serverName,
    Items: items,
  });
  await waitForTask(cloud, serverName, TaskId, { clock, tell });
}

/**
 * Who may reach the service is looked at after every change: other tools, and the SDK's own deployment, open it to the
 * public each time.
 */
async function repairAccess(context: Context, { spec }: ContainerWanted, tell: Tell): Promise<void> {
  const { serviceName: serverName } = spec;
  const { ServerConfig } = await context.cloud.manager.cloudrun.detail({ serverName });
  const wanted = accessTypesOf(spec);
  const there = ServerConfig?.OpenAccessTypes ?? [];
  const isSame = there.length === wanted.length && wanted.every((type) => there.includes(type));
  if (!isSame) await changeSettings(context, serverName, { OpenAccessTypes: wanted }, tell);
}

async function apply(
  context: Context,
  wanted: ContainerWanted,
  difference: ContainerDifference,
  tell: Tell,
): Promise<void> {
  const { cloudrun } = context.cloud.manager;
  const { serviceName: serverName } = wanted.spec;
  const { gray = 100 } = wanted;
  const toGray = (): Promise<unknown> => cloudrun.setTraffic(serverName, 100 - gray, gray);
  // a version that is being tried may still be on its way
  const settled = async (): Promise<void> => {
    const [, ...earlier] = await knownDeployments(context.cloud, serverName);
    await waitForVersion(context.cloud, serverName, new Set(earlier), { clock: context.clock, tell });
  };
  switch (difference.release) {
    case 'create':
    case 'full':
      await release(context, wanted, difference, tell);
      break;
    case 'gray':
      await release(context, wanted, difference, tell);
      await toGray();
      break;
    case 'traffic':
      await settled();
      await toGray();
      break;
    case 'promote':
      await settled();
      await cloudrun.promote(serverName);
      await changeSettings(context, serverName, changedSettings(difference, wanted), tell);
      break;
    case 'none':
      await changeSettings(context, serverName, changedSettings(difference, wanted), tell);
  }
  await repairAccess(context, wanted, tell);
}

/** Compares the container with its description. */
export async function containerWork(context: Context, wanted: ContainerWanted): Promise<Work> {
  const { cloud, made } = context;
  const { serviceName: serverName } = wanted.spec;
  const found = await ifThere(cloud.manager.cloudrun.detail({ serverName }));
  const releases = found ? releasesOf(found, await readTask(cloud, serverName)) : NO_RELEASES;
  const difference = compareContainer(wanted, found ? (found.ServerConfig ?? {}) : undefined, releases);
  const { release: kind, changes, notes, problems } = difference;
  const isUploaded = kind === 'create' || kind === 'full' || kind === 'gray';
  return {
    part: 'container',
    subject: `容器 ${serverName}`,
    isNew: kind === 'create',
    changes: isUploaded ? [...changes, sizeOf(made)] : changes,
    notes,
    problems,
    run: (tell) => apply(context, wanted, difference, tell),
  };
}
