import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { containerEnvironment } from '../cloudbase/environment.ts';
import type { GatewayOptions } from '../cloudbase/options.ts';
import { accountEnv, inheritedEnv, localAsrEnv, realAsrEnv, tuningEnv } from './environment.ts';
import type { ProcessSpec } from './managed-process.ts';
import { LOCAL_ENV_ID, LOCAL_USERS, type LocalCloudOptions } from './options.ts';
import type { LocalSecrets } from './secrets.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const fromRoot = (path: string): string => join(ROOT, path);

/** What all services of one local cloud are configured from. */
export interface LaunchContext {
  dataDir: string;
  secrets: LocalSecrets;
  env: NodeJS.ProcessEnv;
  options: LocalCloudOptions;
}

export const functionsDir = ({ dataDir }: LaunchContext): string => join(dataDir, 'build/functions');
export const containerDir = ({ dataDir }: LaunchContext): string => join(dataDir, 'build/container');
export const pageDir = ({ dataDir }: LaunchContext): string => join(dataDir, 'build/page');
export const logPath = ({ dataDir }: LaunchContext, name: string): string =>
  join(dataDir, 'logs', `${name}.log`);

/** The local services print `{"ready":true,"url":"http://…"}` when they listen. */
export function portOfReadyLine(line: string): number | undefined {
  if (!line.startsWith('{"ready":true')) return undefined;
  return Number(new URL((JSON.parse(line) as { url: string }).url).port);
}

/** The container logs in JSON, as it does in the cloud. */
function portOfListeningLine(line: string): number | undefined {
  if (!line.startsWith('{') || !line.includes('"msg":"listening"')) return undefined;
  return (JSON.parse(line) as { port: number }).port;
}

/** The local speech service. */
export function asrProcess(context: LaunchContext): ProcessSpec {
  const { asrModel, asrRecordDir } = context.options;
  return {
    name: 'asr',
    label: '本地语音识别服务',
    script: fromRoot('local/asr/main.ts'),
    port: 0,
    args: (port) => [
      ...['--port', String(port), '--samples', fromRoot('samples')],
      ...(asrModel ? ['--asr-model', asrModel] : []),
      ...(asrRecordDir ? ['--record', asrRecordDir] : []),
    ],
    env: () => ({ ...inheritedEnv(context.env), ...accountEnv(context.secrets) }),
    portFrom: portOfReadyLine,
    logPath: logPath(context, 'asr'),
  };
}

/** Where speech is recognised: the real service if the user has an account, else ours. */
export const asrEnv = (context: LaunchContext, localUrl: string | undefined): Record<string, string> =>
  localUrl === undefined ? (realAsrEnv(context.env) ?? {}) : localAsrEnv(context.secrets, localUrl);

/** Database, storage and functions; `asr` is the functions' speech service. */
export function gatewayOptions(context: LaunchContext, asr: Record<string, string>): GatewayOptions {
  const { secretId, secretKey, apiKey } = context.secrets.cloudbase;
  const openids = Object.values(LOCAL_USERS);
  return {
    port: 0,
    dataDir: join(context.dataDir, 'cloudbase'),
    rcPath: fromRoot('cloudbaserc.json'),
    envId: LOCAL_ENV_ID,
    secrets: { [secretId]: secretKey },
    apiKeys: new Set([apiKey]),
    functionsDir: functionsDir(context),
    functionTimeLimits: context.options.inspectPort === undefined,
    functionEnv: asr,
    rcEnv: {
      TICKET_SECRET: context.secrets.ticketSecret,
      TCB_ENV: LOCAL_ENV_ID,
      HTTP_ALLOWED_ORIGINS: context.env.HTTP_ALLOWED_ORIGINS ?? '',
      ...asr,
    },
    // tools send a user's name, the page's host sends an openid
    users: { ...LOCAL_USERS, ...Object.fromEntries(openids.map((openid) => [openid, openid])) },
  };
}

/** One instance of the container, as it is deployed; only endpoints and credentials are local. */
export function containerProcess(
  context: LaunchContext,
  asr: Record<string, string>,
  {
    name,
    port,
    gatewayUrl,
    inspectPort,
    metricsPort,
  }: {
    name: string;
    port: number;
    gatewayUrl: string;
    inspectPort?: number | undefined;
    metricsPort?: number | undefined;
  },
): ProcessSpec {
  return {
    name,
    label: `容器 ${name}`,
    script: join(containerDir(context), 'index.js'),
    nodeArgs: [
      '--enable-source-maps',
      ...(inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${inspectPort}`]),
    ],
    port,
    args: () => [],
    env: (current) => ({
      ...inheritedEnv(context.env),
      NODE_ENV: 'production',
      ...tuningEnv(context.env),
      ...containerEnvironment(gatewayOptions(context, asr), `${gatewayUrl}/admin`),
      ...asr,
      TICKET_SECRET: context.secrets.ticketSecret,
      PORT: String(current),
      HOST: '127.0.0.1',
      ...(metricsPort !== undefined && { METRICS_PORT: String(metricsPort) }),
      ...context.options.containerEnv,
    }),
    portFrom: portOfListeningLine,
    logPath: logPath(context, name),
    ...(metricsPort !== undefined && { metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` }),
  };
}
