import type { LocalSecrets } from './secrets.ts';

/** What children inherit from the launcher's environment: nothing that names an account or an endpoint. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];
/** Settings of the container that may be tried out locally. */
const TUNING = [
  'ASR_MAX_SPEAK_MS',
  'DB_WRITES_PER_SECOND',
  'MAX_SESSIONS',
  'MAX_SESSIONS_PER_USER',
  'DRAIN_MS',
];
const ACCOUNT = ['TENCENT_APPID', 'TENCENT_SECRET_ID', 'TENCENT_SECRET_KEY'] as const;
/** Addresses of the real service, or of a private endpoint of it. */
const ENDPOINTS = ['TENCENT_TOKEN', 'ASR_ENDPOINT', 'ASR_ONESHOT_ENDPOINT'];

type Env = Record<string, string>;

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): Env {
  const picked: Env = {};
  for (const name of names) if (env[name]) picked[name] = env[name];
  return picked;
}

/** The part of the launcher's environment that every child gets. */
export const inheritedEnv = (env: NodeJS.ProcessEnv): Env => pick(env, INHERITED);
/** What the user set for the container. */
export const tuningEnv = (env: NodeJS.ProcessEnv): Env => pick(env, TUNING);

/**
 * The real speech service's account from the environment; undefined: none is set, the local service is used.
 * @throws Error that names the missing settings when only some are set
 */
export function realAsrEnv(env: NodeJS.ProcessEnv): Env | undefined {
  const missing = ACCOUNT.filter((name) => !env[name]);
  if (missing.length === ACCOUNT.length) return undefined;
  if (missing.length > 0)
    throw new Error(
      `使用真实的腾讯云语音识别需要同时设置 ${ACCOUNT.join('、')}，还缺少 ${missing.join('、')}；都不设置则使用本地识别服务`,
    );
  return pick(env, [...ACCOUNT, ...ENDPOINTS]);
}

/** The local speech service's account and endpoints, under the names of the real one's. */
export const localAsrEnv = ({ asr }: LocalSecrets, url: string): Env => ({
  ...accountEnv({ asr }),
  ASR_ENDPOINT: url.replace(/^http/, 'ws'),
  ASR_ONESHOT_ENDPOINT: url,
});

export const accountEnv = ({ asr }: Pick<LocalSecrets, 'asr'>): Env => ({
  TENCENT_APPID: asr.appId,
  TENCENT_SECRET_ID: asr.secretId,
  TENCENT_SECRET_KEY: asr.secretKey,
});
