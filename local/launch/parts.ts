import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sdkEnvironment } from '../cloudbase/environment.ts';
import type { GatewayOptions } from '../cloudbase/options.ts';
import { accountEnv, inheritedEnv, localAsrEnv, realAsrEnv, tuningEnv } from './environment.ts';
import { LOCAL_ENV_ID, LOCAL_USERS, type LocalCloudOptions } from './options.ts';
import type { PartSpec } from './part.ts';
import type { LocalSecrets } from './secrets.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const fromRoot = (path: string): string => join(ROOT, path);

/** What every part is made from. */
export interface Setting {
  dataDir: string;
  secrets: LocalSecrets;
  env: NodeJS.ProcessEnv;
  options: LocalCloudOptions;
}

export const functionsDir = ({ dataDir }: Setting): string => join(dataDir, 'build/functions');
export const containerDir = ({ dataDir }: Setting): string => join(dataDir, 'build/container');
export const pageDir = ({ dataDir }: Setting): string => join(dataDir, 'build/page');
const logPath = ({ dataDir }: Setting, name: string): string => join(dataDir, 'logs', `${name}.log`);

/** The local parts say `{"ready":true,"url":"http://…"}` when they listen. */
function portOfReadyLine(line: string): number | undefined {
  if (!line.startsWith('{"ready":true')) return undefined;
  return Number(new URL((JSON.parse(line) as { url: string }).url).port);
}

/** The container logs in JSON, as it does in the cloud. */
function portOfListeningLine(line: string): number | undefined {
  if (!line.startsWith('{') || !line.includes('"msg":"listening"')) return undefined;
  return (JSON.parse(line) as { port: number }).port;
}

/** The stand-in for the speech service. */
export function asrPart(setting: Setting): PartSpec {
  const { asrModel, asrRecordDir } = setting.options;
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
    env: () => ({ ...inheritedEnv(setting.env), ...accountEnv(setting.secrets) }),
    portFrom: portOfReadyLine,
    logPath: logPath(setting, 'asr'),
  };
}

/** Where speech is recognised: the real service if the user has an account, else ours. */
export const asrEnv = (setting: Setting, localUrl: string | undefined): Record<string, string> =>
  localUrl === undefined ? (realAsrEnv(setting.env) ?? {}) : localAsrEnv(setting.secrets, localUrl);

function gatewayOptions(setting: Setting, asr: Record<string, string>): GatewayOptions {
  const { secretId, secretKey } = setting.secrets.cloudbase;
  const openids = Object.values(LOCAL_USERS);
  return {
    port: 0,
    dataDir: join(setting.dataDir, 'cloudbase'),
    rcPath: fromRoot('cloudbaserc.json'),
    envId: LOCAL_ENV_ID,
    secrets: { [secretId]: secretKey },
    functionsDir: functionsDir(setting),
    functionEnv: asr,
    // tools name a user, the page's host names an openid
    users: { ...LOCAL_USERS, ...Object.fromEntries(openids.map((openid) => [openid, openid])) },
  };
}

/** The stand-in for CloudBase: database, storage, functions. */
export function gatewayPart(setting: Setting, asr: Record<string, string>): PartSpec {
  return {
    name: 'gateway',
    label: '本地云开发网关',
    script: fromRoot('local/cloudbase/main.ts'),
    port: 0,
    args: (port) => ['--port', String(port), '--log'],
    env: () => ({
      ...inheritedEnv(setting.env),
      LOCAL_CLOUDBASE: JSON.stringify(gatewayOptions(setting, asr)),
      // cloudbaserc.json takes the functions' settings from here
      TICKET_SECRET: setting.secrets.ticketSecret,
      TCB_ENV: LOCAL_ENV_ID,
      ...asr,
    }),
    portFrom: portOfReadyLine,
    logPath: logPath(setting, 'gateway'),
  };
}

/** One instance of the container, as it is deployed; only endpoints and credentials are local. */
export function containerPart(
  setting: Setting,
  asr: Record<string, string>,
  { name, port, gatewayUrl }: { name: string; port: number; gatewayUrl: string },
): PartSpec {
  return {
    name,
    label: `容器 ${name}`,
    script: join(containerDir(setting), 'index.js'),
    port,
    args: () => [],
    env: (current) => ({
      ...inheritedEnv(setting.env),
      NODE_ENV: 'production',
      ...tuningEnv(setting.env),
      ...sdkEnvironment(gatewayOptions(setting, asr), `${gatewayUrl}/admin`),
      ...asr,
      TICKET_SECRET: setting.secrets.ticketSecret,
      PORT: String(current),
      HOST: '127.0.0.1',
      ...setting.options.containerEnv,
    }),
    portFrom: portOfListeningLine,
    logPath: logPath(setting, name),
  };
}
