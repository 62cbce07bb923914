import type { Cloud, CloudServiceDetail } from './manager.ts';

/** `OperatorRemark` of a rollback that this tool asked for. */
export const ROLLBACK_REMARK = 'npm run deploy --rollback';

/** The newest thing that was done to a service. */
export interface Task {
  Id?: number;
  ChangeType?: string;
  ReleaseType?: string;
  Status?: string;
  PreVersionName?: string;
  VersionName?: string;
  FailReason?: string;
  OperatorRemark?: string;
  Steps?: { Name?: string; Status?: string; FailReason?: string }[] | null;
}

/** Which versions of a service there are, as far as its newest task tells. */
export interface Releases {
  /** The version that has a part of the traffic only; undefined: none. */
  trying: string | undefined;
  /** What was deployed last has the traffic: it has not failed, and was not taken back. */
  isLive: boolean;
  /** The version that has the traffic; undefined: not known. */
  current: string | undefined;
  /** The one before it; undefined: not known. */
  previous: string | undefined;
  /** The newest task took a version back. */
  isRolledBack: boolean;
}

export const NO_RELEASES: Releases = {
  trying: undefined,
  isLive: false,
  current: undefined,
  previous: undefined,
  isRolledBack: false,
};

const isRollback = ({ ChangeType = '', OperatorRemark = '' }: Task): boolean =>
  /roll|back/i.test(ChangeType) || OperatorRemark === ROLLBACK_REMARK;

/** Reads it from what the cloud tells of a service and its newest task. Names of states are taken as manager-node 5.6.5 reads them. */
export function releasesOf({ OnlineVersionInfos }: CloudServiceDetail, task: Task | undefined): Releases {
  const online = [...(OnlineVersionInfos ?? [])].sort((a, b) => Number(b.FlowRatio) - Number(a.FlowRatio));
  const names = online.map(({ VersionName }) => VersionName);
  const isTrying = task?.ReleaseType === 'GRAY' && task.Status === 'running';
  const current = isTrying ? (names.find((name) => name !== task.VersionName) ?? names[0]) : names[0];
  const isRolledBack = task !== undefined && isRollback(task);
  const hasFailed = /fail/i.test(task?.Status ?? '');
  const isOnline = !task?.VersionName || names.includes(task.VersionName);
  const before = task?.VersionName === current ? task?.PreVersionName : undefined;
  return {
    trying: isTrying ? task.VersionName || '新版本' : undefined,
    isLive: names.length > 0 && !hasFailed && !isRolledBack && isOnline,
    current,
    previous: before && before !== current ? before : undefined,
    isRolledBack,
  };
}

/** The newest task of a service, or the one with an id; undefined: there is none. */
export async function readTask(cloud: Cloud, serverName: string, id = 0): Promise<Task | undefined> {
  const { IsExist, Task } = await cloud.cloudRun<{ IsExist?: boolean; Task?: Task | null }>(
    'DescribeServerManageTask',
    { ServerName: serverName, TaskId: id },
  );
  return IsExist === false ? undefined : (Task ?? undefined);
}
