import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describeCloudError } from './refusal.ts';
import { MANAGER_PACKAGE } from './tool-packages.ts';

/** As much of `@cloudbase/manager-node` 5.6.5 as is used; it is not a dependency of this project. */
export interface Manager {
  commonService(
    service: string,
    version: string,
  ): { call(request: { Action: string; Param: object }): Promise<unknown> };
  database: {
    listCollections(page: { MgoLimit: number; MgoOffset: number }): Promise<{
      Collections: { CollectionName: string }[];
      Pager: { Total: number };
    }>;
    describeCollection(name: string): Promise<{ Indexes?: CloudIndex[] }>;
    createCollection(name: string): Promise<unknown>;
    updateCollection(name: string, change: { CreateIndexes: NewCloudIndex[] }): Promise<unknown>;
  };
  functions: {
    getFunctionDetail(name: string): Promise<CloudFunctionDetail>;
    createFunction(request: { func: object; base64Code: string }): Promise<unknown>;
    updateFunctionCode(request: { func: object; base64Code: string }): Promise<unknown>;
    updateFunctionConfig(func: object): Promise<unknown>;
    createFunctionTriggers(name: string, triggers: readonly object[]): Promise<unknown>;
    deleteFunctionTrigger(name: string, trigger: string): Promise<unknown>;
    waitFunctionActive(name: string): Promise<void>;
  };
  cloudrun: {
    detail(request: { serverName: string }): Promise<CloudServiceDetail>;
    getDeployRecords(request: { serverName: string }): Promise<{ DeployRecords: CloudDeployRecord[] }>;
    getBuildLog(request: { serverName: string; buildId: number }): Promise<{ Log?: { Text?: string } }>;
    getProcessLog(request: { RunId: string }): Promise<{ Logs?: string[] }>;
    setTraffic(serverName: string, stablePercent: number, grayPercent: number): Promise<unknown>;
    promote(serverName: string): Promise<unknown>;
    rollback(serverName: string): Promise<unknown>;
  };
}

export interface CloudIndex {
  Name: string;
  Unique?: boolean;
  Keys?: { Name?: string; Direction?: string }[];
}
export interface NewCloudIndex {
  IndexName: string;
  MgoKeySchema: { MgoIsUnique: boolean; MgoIndexKeys: { Name: string; Direction: string }[] };
}

export interface CloudFunctionDetail {
  Status?: string;
  Runtime?: string;
  Handler?: string;
  Timeout?: number;
  MemorySize?: number;
  Description?: string;
  Environment?: { Variables?: { Key: string; Value: string }[] | null } | null;
  Triggers?: { TriggerName: string; Type: string; TriggerDesc: string }[] | null;
}

export interface CloudServiceConfig {
  OpenAccessTypes?: string[] | null;
  Cpu?: number;
  Mem?: number;
  MinNum?: number;
  MaxNum?: number;
  PolicyDetails?: { PolicyType: string; PolicyThreshold: number }[] | null;
  CustomLogs?: string;
  /** JSON. */
  EnvParams?: string;
  InitialDelaySeconds?: number;
  Port?: number;
}
export interface CloudServiceDetail {
  BaseInfo?: { DefaultDomainName?: string; Status?: string } | null;
  ServerConfig?: CloudServiceConfig | null;
  OnlineVersionInfos?: { VersionName: string; FlowRatio: string }[] | null;
}
export interface CloudDeployRecord {
  DeployId: string;
  Status: string;
  RunId?: string;
  BuildId?: number;
  VersionName?: string;
}

/** What is outside of the SDK's own methods. */
export interface Cloud {
  envId: string;
  manager: Manager;
  /** The settings of a service, as the API wants changes of them. */
  settingItems(settings: object): object[];
  /** Uploads as the SDK's own deployment does. */
  upload(request: {
    url: string;
    file: Buffer;
    method: 'PUT';
    headers: Record<string, string>;
  }): Promise<unknown>;
  /** Calls an action of Cloud Run. @throws as the SDK does */
  cloudRun<T>(action: string, param?: object): Promise<T>;
  /** Calls an action of CloudBase. @throws as the SDK does */
  tcb<T>(action: string, param?: object): Promise<T>;
}

export interface Credentials {
  secretId: string;
  secretKey: string;
  token: string | undefined;
  region: string;
}

/** Loads the SDK from its folder. */
export function connect(envId: string, credentials: Credentials): Cloud {
  const load = createRequire(join(MANAGER_PACKAGE.folder, 'package.json'));
  const CloudBase = load(MANAGER_PACKAGE.name) as new (options: object) => Manager;
  const { parseObjectToDiffConfigItem } = load(`${MANAGER_PACKAGE.name}/lib/cloudrun`) as {
    parseObjectToDiffConfigItem: Cloud['settingItems'];
  };
  const { upload } = load(`${MANAGER_PACKAGE.name}/lib/utils`) as Pick<Cloud, 'upload'>;
  const manager = new CloudBase({ ...credentials, envId });
  const caller =
    (service: string, version: string) =>
    <T>(action: string, param: object = {}): Promise<T> =>
      manager
        .commonService(service, version)
        .call({ Action: action, Param: { EnvId: envId, ...param } }) as Promise<T>;
  return {
    envId,
    manager,
    settingItems: parseObjectToDiffConfigItem,
    upload,
    cloudRun: caller('tcbr', '2022-02-17'),
    tcb: caller('tcb', '2018-06-08'),
  };
}

/** What `read` finds; undefined where the cloud says that it is not there. Other refusals are thrown. */
export async function ifThere<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (describeCloudError(error).isNotFound) return undefined;
    throw error;
  }
}
