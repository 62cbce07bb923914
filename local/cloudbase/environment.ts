import type { GatewayOptions } from './options.ts';

/** What a process needs in its environment so that `@cloudbase/node-sdk` talks to this gateway. */
export function sdkEnvironment({ envId, secrets }: GatewayOptions, adminUrl: string): Record<string, string> {
  const [secretId = '', secretKey = ''] = Object.entries(secrets)[0] ?? [];
  return {
    TCB_CONTEXT_CNFG: JSON.stringify({ URL: adminUrl }),
    TCB_ENV: envId,
    SCF_NAMESPACE: envId,
    TCB_CONTEXT_KEYS: 'TCB_ENV,TCB_SOURCE,TCB_SEQID',
    TENCENTCLOUD: 'true',
    TENCENTCLOUD_REGION: 'ap-shanghai',
    TENCENTCLOUD_SECRETID: secretId,
    TENCENTCLOUD_SECRETKEY: secretKey,
    SILENCE: 'true',
  };
}

/** What a cloud function finds in its environment, apart from what belongs to one call. */
export function functionEnvironment(options: GatewayOptions, adminUrl: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    ...sdkEnvironment(options, adminUrl),
    TENCENTCLOUD_RUNENV: 'SCF',
    ...options.functionEnv,
  };
}
