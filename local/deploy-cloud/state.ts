/** What the cloud knows of one environment, in the words of its API. */
export interface CloudState {
  envId: string;
  region: string;
  /** `NORMAL`, `UNAVAILABLE`… */
  status: string;
  payMode: string;
  /** Without one there is no document database. */
  databases: { InstanceId: string; Status: string; Region: string }[];
  /** Of Cloud Run in this environment: it has to be opened before the first service. */
  cloudRun: 'unopened' | 'creating' | 'normal';
  /** Questions until `creating` is `normal`. */
  cloudRunOpensAfter: number;
  collections: Map<string, Collection>;
  functions: Map<string, CloudFunction>;
  services: Map<string, Service>;
  /** What the next version of a service comes to. */
  nextVersion: Outcome;
  /** What was uploaded to object storage, by host and path. */
  objects: Map<string, Uint8Array>;
}

export interface Index {
  Name: string;
  Unique: boolean;
  Keys: { Name: string; Direction: string }[];
}

export interface Collection {
  acl: string;
  indexes: Index[];
}

export interface Trigger {
  TriggerName: string;
  Type: string;
  TriggerDesc: string;
  Enable: number;
}

export interface CloudFunction {
  name: string;
  runtime: string;
  handler: string;
  timeout: number;
  memory: number;
  description: string;
  installDependency: string;
  variables: Map<string, string>;
  triggers: Trigger[];
  zip: Uint8Array;
  /** How often its code was uploaded. */
  uploads: number;
}

export interface Outcome {
  /** How it ends. */
  status: 'running' | 'deploy_failed' | 'build_failed';
  /** Questions until it has ended. */
  after: number;
  reason?: string;
  /** Of the build, and of the container that started. */
  buildLog?: string;
  processLog?: string[];
}

export type ServerConfig = Record<string, unknown> & { EnvParams: string; OpenAccessTypes: string[] };

export interface Version {
  name: string;
  /** Percent. */
  flow: number;
  zip: Uint8Array;
  remark: string;
  /** As it was when this version was made. */
  config: ServerConfig;
}

export interface Task {
  Id: number;
  ChangeType: string;
  ReleaseType: string;
  Status: string;
  PreVersionName: string;
  VersionName: string;
  FailReason: string;
  OperatorRemark: string;
}

export interface DeployRecord {
  DeployId: string;
  DeployTime: string;
  Status: string;
  RunId: string;
  BuildId: number;
  FlowRatio: number;
  VersionName: string;
}

/** A version that is being built. */
export interface Release {
  version: Version;
  record: DeployRecord;
  task: Task;
  outcome: Outcome;
}

export interface Service {
  name: string;
  config: ServerConfig;
  domain: string;
  versions: Version[];
  records: DeployRecord[];
  tasks: Task[];
  /** What is going on; undefined: nothing. */
  release: Release | undefined;
  /** The version that is tried with a part of the traffic; undefined: none. */
  gray: Version | undefined;
}

export const newState = (envId: string): CloudState => ({
  envId,
  region: 'ap-shanghai',
  status: 'NORMAL',
  payMode: 'postpaid',
  databases: [{ InstanceId: 'tnt-recorded', Status: 'RUNNING', Region: 'ap-shanghai' }],
  cloudRun: 'unopened',
  cloudRunOpensAfter: 1,
  collections: new Map(),
  functions: new Map(),
  services: new Map(),
  nextVersion: { status: 'running', after: 1 },
  objects: new Map(),
});

/** What the cloud says of a service's running version. */
export const onlineVersions = ({ versions }: Service): Version[] => versions.filter(({ flow }) => flow > 0);
