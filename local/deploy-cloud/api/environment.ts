import type { Handler } from '../params.ts';
import { inEnvironment, text } from '../params.ts';
import type { CloudState } from '../state.ts';

const CREATED = '2026-01-01 00:00:00';

/** As both `DescribeEnvs` and `DescribeEnvInfo` show it. */
const environment = ({ envId, region, status, payMode, databases }: CloudState) => ({
  EnvId: envId,
  Alias: 'voice',
  Source: 'miniapp',
  Status: status,
  PayMode: payMode,
  EnvType: 'baas',
  EnvChannel: 'qc_console',
  Region: region,
  PackageId: 'baas_personal',
  PackageName: '个人版',
  IsAutoDegrade: false,
  IsDefault: false,
  Databases: databases,
  Storages: [
    {
      Region: region,
      Bucket: 'recorded-1250000000',
      CdnDomain: 'recorded.tcb.qcloud.la',
      AppId: '1250000000',
    },
  ],
  Functions: [{ Namespace: envId, Region: region }],
  LogServices: [{ LogsetId: 'logset-recorded', TopicId: 'topic-recorded', Region: region }],
  StaticStorages: [],
  CustomLogServices: [],
  Tags: [],
  CreateTime: CREATED,
  UpdateTime: CREATED,
});

/** Opening Cloud Run takes a while: it is asked for until it is there. */
function cloudRunStatus(state: CloudState): string {
  if (state.cloudRun === 'creating') {
    state.cloudRunOpensAfter -= 1;
    if (state.cloudRunOpensAfter < 0) state.cloudRun = 'normal';
  }
  return state.cloudRun;
}

export const ENVIRONMENT_ACTIONS: Readonly<Record<string, Handler>> = {
  'tcb.DescribeEnvs': ({ EnvId }, state) => {
    const found = EnvId === undefined || EnvId === state.envId;
    return { EnvList: found ? [environment(state)] : [], Total: found ? 1 : 0 };
  },
  // an environment that is not there is an empty answer, not an error
  'tcb.DescribeEnvInfo': (params, state) =>
    text(params, 'EnvId') === state.envId
      ? { EnvInfo: { EnvBaseInfo: environment(state), UserInfo: { AppId: '1250000000' } } }
      : { EnvInfo: null },
  // what CloudBase Framework asks for before it does anything, and what it tells when it has failed
  'tcb.DescribeCloudBaseProjectLatestVersionList': inEnvironment('EnvId', () => ({
    ProjectList: [],
    TotalCount: 0,
  })),
  'tcb.CreateAndDeployCloudBaseProject': inEnvironment('EnvId', () => ({
    ProjectName: 'recorded',
    VersionNum: 1,
  })),
  'tcb.CloudBaseCIResultCallback': () => ({}),
  'tcb.CheckTcbService': () => ({ Initialized: true }),
  'tcb.DescribeBillingInfo': () => ({ EnvBillingInfoList: [] }),
  'tcb.DescribeTcbAccountInfo': () => ({
    CloudAppId: 1_250_000_000,
    CloudUin: '100000000000',
    CloudSubAccountUin: '100000000001',
  }),
  'tcbr.DescribeEnvBaseInfo': (params, state) => {
    const status = cloudRunStatus(state);
    const { envId, region } = state;
    if (text(params, 'EnvId') !== envId || status === 'unopened') return { IsExist: false, EnvBaseInfo: {} };
    const EnvBaseInfo = {
      EnvId: envId,
      PackageType: 'Trial',
      Region: region,
      EnvType: 'baas',
      Status: status,
    };
    return { IsExist: true, EnvBaseInfo };
  },
  'tcbr.CreateCloudRunEnv': inEnvironment('EnvId', (params, state) => {
    text(params, 'PackageType');
    state.cloudRun = 'creating';
    return { EnvId: state.envId, TranId: 'recorded' };
  }),
};
