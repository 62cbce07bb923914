import { ApiError, invalidParameter } from '../errors.ts';
import { type Handler, inEnvironment, list, type Params, record, text } from '../params.ts';
import { type CloudState, onlineVersions, type ServerConfig, type Service } from '../state.ts';
import { advance, beginRelease, beginTask, serviceOf } from './releases.ts';

/** Settings whose names differ between what is shown and what is sent. */
const SENT_AS: Readonly<Record<string, string>> = {
  CpuSpecs: 'Cpu',
  MemSpecs: 'Mem',
  AccessTypes: 'OpenAccessTypes',
  EnvParam: 'EnvParams',
  LogPath: 'CustomLogs',
};
const VALUES = [
  'Value',
  'IntValue',
  'FloatValue',
  'BoolValue',
  'ArrayValue',
  'PolicyDetails',
  'VpcConf',
] as const;
const ACCESS_TYPES: ReadonlySet<unknown> = new Set(['OA', 'PUBLIC', 'MINIAPP', 'VPC']);

/** The settings of `Items`, by the names under which they are shown. */
function settings(params: Params): Partial<ServerConfig> {
  const read: Record<string, unknown> = {};
  for (const item of list<Record<string, unknown>>(params, 'Items')) {
    const kind = VALUES.find((name) => name in item);
    if (typeof item.Key !== 'string' || kind === undefined) throw invalidParameter('Items are wrong');
    read[SENT_AS[item.Key] ?? item.Key] = item[kind];
  }
  const { OpenAccessTypes } = read;
  if (
    OpenAccessTypes !== undefined &&
    !(OpenAccessTypes as unknown[]).every((type) => ACCESS_TYPES.has(type))
  )
    throw invalidParameter('AccessTypes are wrong');
  if ((read.Cpu === undefined) !== (read.Mem === undefined))
    throw invalidParameter('CpuSpecs and MemSpecs come as a pair');
  return read as Partial<ServerConfig>;
}

interface Deployment {
  zip: Uint8Array;
  remark: string;
  gray: boolean;
}

function deployment(params: Params, { objects }: CloudState): Deployment {
  const info = record(params, 'DeployInfo');
  if (info.DeployType !== 'package') throw invalidParameter('DeployType is not known here');
  const zip = objects.get(`/${text(info, 'PackageName')}/${text(info, 'PackageVersion')}.zip`);
  if (!zip) throw invalidParameter('the package was not uploaded');
  return { zip, remark: String(info.DeployRemark ?? ''), gray: info.ReleaseType === 'GRAY' };
}

const DEFAULTS: ServerConfig = {
  OpenAccessTypes: [],
  EnvParams: '{}',
  Cpu: 0.25,
  Mem: 0.5,
  MinNum: 0,
  MaxNum: 10,
  PolicyDetails: [],
  Port: 80,
};

function createServer(params: Params, state: CloudState): object {
  const name = text(params, 'ServerName');
  if (state.services.has(name)) throw new ApiError('ResourceInUse', `server ${name} exists`);
  // the real one makes it in an older system, without a word (CloudBase-AI-Toolkit, 2026-08); a test is to see it
  if (state.cloudRun !== 'normal') throw new ApiError('FailedOperation', '云托管资源未开通');
  const service: Service = {
    name,
    config: { ...DEFAULTS, ...settings(params), EnvId: state.envId, ServerName: name },
    domain: `https://${name}-1250000000.sh.run.tcloudbase.com`,
    versions: [],
    records: [],
    tasks: [],
    release: undefined,
    gray: undefined,
  };
  const made = deployment(params, state);
  state.services.set(name, service);
  return { TaskId: beginRelease(service, state, made).Id };
}

function updateServer(params: Params, state: CloudState): object {
  const service = serviceOf(params, state);
  if (service.release || service.gray) throw new ApiError('ResourceInUse', '已有部署发布任务运行中');
  const made = deployment(params, state);
  service.config = { ...service.config, ...settings(params) };
  return { EnvId: state.envId, TaskId: beginRelease(service, state, made).Id };
}

/** What needs no new version: how many instances there are, and who may reach them. */
const HOT = new Set(['MinNum', 'MaxNum', 'PolicyDetails', 'OpenAccessTypes']);

function changeSettings(params: Params, state: CloudState): object {
  const service = serviceOf(params, state);
  if (service.release) throw new ApiError('ResourceInUse', '已有部署发布任务运行中');
  const changed = settings(params);
  service.config = { ...service.config, ...changed };
  if (Object.keys(changed).every((name) => HOT.has(name))) return { TaskId: 0 };
  const [current] = onlineVersions(service);
  const task = beginTask(service, {
    ChangeType: 'config',
    Status: 'finished',
    VersionName: current?.name ?? '',
  });
  if (current) current.config = service.config;
  return { TaskId: task.Id };
}

const detail = (service: Service) => {
  const { name, config, domain } = service;
  return {
    BaseInfo: {
      ServerName: name,
      ServerType: 'container',
      Status: service.release ? 'deploying' : 'normal',
      DefaultDomainName: domain,
      AccessTypes: config.OpenAccessTypes,
      CustomDomainNames: [],
      UpdateTime: '2026-01-01 00:00:00',
    },
    ServerConfig: config,
    OnlineVersionInfos: onlineVersions(service).map(({ name: VersionName, flow }) => ({
      VersionName,
      ImageUrl: `ccr.recorded/${VersionName}`,
      FlowRatio: String(flow),
    })),
  };
};

export const CLOUD_RUN_ACTIONS: Readonly<Record<string, Handler>> = {
  'tcb.DescribeCloudBaseBuildService': inEnvironment('EnvId', (params, { objects }) => {
    const name = text(params, 'ServiceName');
    const version = String(objects.size + 1);
    return {
      UploadUrl: `https://recorded-1250000000.cos.ap-shanghai.myqcloud.com/${name}/${version}.zip`,
      UploadHeaders: [{ Key: 'x-cos-security-token', Value: 'recorded' }],
      PackageName: name,
      PackageVersion: version,
      OutDate: false,
    };
  }),
  'tcb.DescribeCloudBaseRunServers': inEnvironment('EnvId', () => ({ CloudBaseRunServerSet: [], Total: 0 })),
  'tcbr.DescribeCloudRunServers': inEnvironment('EnvId', (_, { services }) => ({
    ServerList: [...services.values()].map((service) => detail(service).BaseInfo),
    Total: services.size,
  })),
  'tcbr.DescribeCloudRunServerDetail': inEnvironment('EnvId', (params, state) =>
    detail(serviceOf(params, state)),
  ),
  'tcbr.CreateCloudRunServer': inEnvironment('EnvId', createServer),
  'tcbr.UpdateCloudRunServer': inEnvironment('EnvId', updateServer),
  'tcbr.SubmitServerConfigChangeDiff': inEnvironment('EnvId', changeSettings),
  'tcbr.DescribeCloudRunDeployRecord': inEnvironment('EnvId', (params, state) => {
    const service = serviceOf(params, state);
    advance(service);
    // as manager-node expects: it sorts them itself
    return { DeployRecords: service.records.toReversed() };
  }),
};
