import { ApiError, invalidParameter, notFound } from '../errors.ts';
import { type Handler, inEnvironment, list, type Params, text } from '../params.ts';
import type { CloudState, Release, Service, Task, Version } from '../state.ts';

/** The service that a call names. @throws ApiError */
export function serviceOf(params: Params, { services }: CloudState): Service {
  const name = text(params, 'ServerName');
  const found = services.get(name);
  if (!found) throw notFound(`server ${name}`, 'ResourceNotFound.ServerNotFound');
  return found;
}

/** A task of a service; the newest is the one that is asked for with id 0. */
export function beginTask(service: Service, given: Partial<Task>): Task {
  const task: Task = {
    Id: service.tasks.length + 1,
    ChangeType: 'deploy',
    ReleaseType: 'FULL',
    Status: 'running',
    PreVersionName: '',
    VersionName: '',
    FailReason: '',
    OperatorRemark: '',
    ...given,
  };
  service.tasks.push(task);
  return task;
}

/** A minute more for each, so that they can be sorted. */
const timeOf = (n: number): string => `2026-01-01 10:${String(n).padStart(2, '0')}:00`;

/** Begins to build a new version; it has ended after some questions about it. */
export function beginRelease(
  service: Service,
  { nextVersion }: CloudState,
  { zip, remark, gray }: { zip: Uint8Array; remark: string; gray: boolean },
): Task {
  const n = service.versions.length + 1;
  const name = `${service.name}-${String(n).padStart(3, '0')}`;
  const version: Version = { name, flow: 0, zip, remark, config: service.config };
  const current = service.versions.find(({ flow }) => flow === 100);
  const task = beginTask(service, {
    ReleaseType: gray ? 'GRAY' : 'FULL',
    PreVersionName: current?.name ?? '',
    VersionName: name,
  });
  const record = {
    DeployId: `deploy-${n}`,
    DeployTime: timeOf(n),
    Status: 'deploying',
    RunId: `run-${n}`,
    BuildId: n,
    FlowRatio: 0,
    VersionName: name,
  };
  service.versions.push(version);
  service.records.push(record);
  service.release = { version, record, task, outcome: { ...nextVersion } };
  return task;
}

/** All traffic to one version. */
function switchTo(service: Service, version: Version): void {
  for (const one of service.versions) one.flow = one === version ? 100 : 0;
  for (const record of service.records) record.FlowRatio = record.VersionName === version.name ? 100 : 0;
  service.gray = undefined;
}

function conclude(service: Service, { version, record, task, outcome }: Release): void {
  service.release = undefined;
  record.Status = outcome.status;
  if (outcome.status !== 'running') {
    task.Status = 'failed';
    task.FailReason = outcome.reason ?? '';
  } else if (task.ReleaseType === 'GRAY') {
    // the task goes on until the version has all of the traffic, or is taken back
    service.gray = version;
  } else {
    task.Status = 'finished';
    switchTo(service, version);
  }
}

/** One more question about a service's deployment. */
export function advance(service: Service): void {
  const { release } = service;
  if (!release) return;
  release.outcome.after -= 1;
  if (release.outcome.after < 0) conclude(service, release);
}

const lastTask = ({ tasks }: Service): Task => {
  const task = tasks.at(-1);
  if (!task) throw notFound('task');
  return task;
};

function setTraffic(params: Params, service: Service): object {
  const { gray } = service;
  const items = list<{ VersionName: string; FlowRatio: number }>(params, 'VersionFlowItems');
  if (!gray) throw new ApiError('FailedOperation', '没有灰度中的版本');
  if (items.reduce((sum, { FlowRatio }) => sum + FlowRatio, 0) !== 100)
    throw invalidParameter('not 100 in total');
  if (params.CloseGrayRelease === true) {
    lastTask(service).Status = 'finished';
    switchTo(service, gray);
    return {};
  }
  for (const { VersionName, FlowRatio } of items) {
    const version = service.versions.find(({ name }) => name === VersionName);
    if (!version) throw notFound(`version ${VersionName}`);
    version.flow = FlowRatio;
  }
  return {};
}

/** Takes the version that is being tried back. */
function goBack(params: Params, service: Service): object {
  const task = lastTask(service);
  if (params.OperateType !== 'go_back' || params.TaskId !== task.Id)
    throw invalidParameter('OperateType or TaskId');
  const stable = service.versions.find(({ name }) => name === task.PreVersionName);
  if (!service.gray || !stable) throw new ApiError('FailedOperation', '没有灰度中的版本');
  task.Status = 'finished';
  switchTo(service, stable);
  beginTask(service, { ChangeType: 'rollback', Status: 'finished', VersionName: stable.name });
  return {};
}

function rollBack(params: Params, service: Service): object {
  const [from, to] = [text(params, 'CurrentVersionName'), text(params, 'RollbackVersionName')];
  const version = service.versions.find(({ name }) => name === to);
  if (!version) throw notFound(`version ${to}`);
  if (!service.versions.some(({ name, flow }) => name === from && flow > 0))
    throw invalidParameter(`${from} is not online`);
  switchTo(service, version);
  const task = beginTask(service, {
    ChangeType: 'rollback',
    Status: 'finished',
    PreVersionName: from,
    VersionName: to,
    OperatorRemark: String(params.OperatorRemark ?? ''),
  });
  return { TaskId: task.Id };
}

const shown = ({ name: VersionName, flow: FlowRatio }: Version) => ({
  VersionName,
  FlowRatio,
  Status: 'normal',
});
const aboutService = (handler: (params: Params, service: Service) => object): Handler =>
  inEnvironment('EnvId', (params, state) => handler(params, serviceOf(params, state)));

export const RELEASE_ACTIONS: Readonly<Record<string, Handler>> = {
  'tcbr.DescribeServerManageTask': aboutService(({ TaskId }, { tasks }) => {
    const task = TaskId === 0 ? tasks.at(-1) : tasks.find(({ Id }) => Id === TaskId);
    return { IsExist: task !== undefined, Task: task ?? null };
  }),
  'tcbr.DescribeReleaseOrder': aboutService((_, { gray, versions }) => {
    const current = versions.find((one) => one !== gray && one.flow > 0);
    if (!gray || !current) return { ReleaseOrderInfo: null };
    return {
      ReleaseOrderInfo: { CurrentVersion: shown(current), ReleaseVersion: shown(gray), IsReleasing: true },
    };
  }),
  'tcbr.ReleaseGray': aboutService(setTraffic),
  'tcbr.OperateServerManage': aboutService(goBack),
  'tcbr.SubmitServerRollback': aboutService(rollBack),
  'tcbr.DescribeCloudRunBuildLog': inEnvironment('EnvId', (_, { nextVersion }) => {
    if (nextVersion.buildLog === undefined)
      throw new ApiError('FailedOperation', 'User not created or may not qcloud user, please login CODING');
    return { Log: { Text: nextVersion.buildLog, Total: 1, Delivered: 1, More: false } };
  }),
  'tcbr.DescribeCloudRunProcessLog': inEnvironment('EnvId', (params, { nextVersion }) => {
    text(params, 'RunId');
    return { Logs: nextVersion.processLog ?? [] };
  }),
};
