import type { GatewayOptions } from './options.ts';

/** Where `@cloudbase/node-sdk` finds this gateway. */
const endpoint = ({ envId }: GatewayOptions, adminUrl: string): Record<string, string> => ({
  TCB_CONTEXT_CNFG: JSON.stringify({ URL: adminUrl }),
  TCB_ENV: envId,
  SCF_NAMESPACE: envId,
  TCB_CONTEXT_KEYS: 'TCB_ENV,TCB_SOURCE,TCB_SEQID',
  TENCENTCLOUD: 'true',
  TENCENTCLOUD_REGION: 'ap-shanghai',
  SILENCE: 'true',
});

/** What a process needs in its environment so that `@cloudbase/node-sdk` talks to this gateway, signing its requests. */
export function sdkEnvironment(options: GatewayOptions, adminUrl: string): Record<string, string> {
  const [secretId = '', secretKey = ''] = Object.entries(options.secrets)[0] ?? [];
  return {
    ...endpoint(options, adminUrl),
    TENCENTCLOUD_SECRETID: secretId,
    TENCENTCLOUD_SECRETKEY: secretKey,
  };
}

/** The same with an API key, as a deployed container has it. */
export const containerEnvironment = (options: GatewayOptions, adminUrl: string): Record<string, string> => ({
  ...endpoint(options, adminUrl),
  CLOUDBASE_APIKEY: [...(options.apiKeys ?? [])][0] ?? '',
});

/** What a cloud function finds in its environment, apart from what belongs to one call. */
export function functionEnvironment(options: GatewayOptions, adminUrl: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    ...sdkEnvironment(options, adminUrl),
    TENCENTCLOUD_RUNENV: 'SCF',
    ...options.functionEnv,
  };
}
