import { parseTicketKeys } from '../../contract/ticket.ts';
import type { LocalSecrets } from './secrets.ts';

/** What children inherit from the launcher's environment: nothing that names an account or an endpoint. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];
const wholeNumber = { shape: /^\d+$/, should: '应为整数' };
/** Settings of the container that may be tried out locally. */
const TUNING: Readonly<Record<string, Shape>> = {
  ASR_MAX_SPEAK_MS: wholeNumber,
  ASR_CATCH_UP_RATE: wholeNumber,
  SENTENCE_CHECKPOINTS: wholeNumber,
  DB_WRITES_PER_SECOND: wholeNumber,
  MAX_SESSIONS: wholeNumber,
  MAX_SESSIONS_PER_USER: wholeNumber,
  RECOGNISER_STREAMS: wholeNumber,
  DRAIN_MS: wholeNumber,
  LOG_LEVEL: {
    shape: /^(fatal|error|warn|info|debug|silent)$/,
    should: '应为 fatal、error、warn、info、debug、silent 之一',
  },
};
const SEE_CONSOLE = '格式不对：请在腾讯云控制台「访问管理 → API 密钥」核对';
/** Letters and digits as Tencent makes them: SecretId `AKID…` (international `IKID…`), SecretKey 32 characters or more. */
const ACCOUNT = {
  TENCENT_APPID: { shape: /^\d{8,12}$/, should: '应为数字 AppID' },
  TENCENT_SECRET_ID: { shape: /^[A-Z]KID[A-Za-z0-9_-]{13,}$/, should: SEE_CONSOLE },
  TENCENT_SECRET_KEY: { shape: /^[A-Za-z0-9+/=_-]{32,}$/, should: SEE_CONSOLE },
} as const satisfies Record<string, Shape>;
const ACCOUNT_NAMES = Object.keys(ACCOUNT) as (keyof typeof ACCOUNT)[];
/** Addresses of the real service, or of a private endpoint of it, and the token of temporary keys. */
const ENDPOINTS: Readonly<Record<string, Shape>> = {
  TENCENT_TOKEN: { shape: /^\S+$/, should: '不能有空白' },
  ASR_ENDPOINT: { shape: /^wss?:\/\/[^\s?#]+$/, should: '应为 ws:// 或 wss:// 地址' },
  ASR_ONESHOT_ENDPOINT: { shape: /^https?:\/\/[^\s?#]+$/, should: '应为 http:// 或 https:// 地址' },
};

/** Origins whose pages may call the functions over HTTP. */
const ORIGINS: Readonly<Record<string, Shape>> = {
  HTTP_ALLOWED_ORIGINS: {
    shape: /^\s*https?:\/\/[^\s/,]+(\s*,\s*https?:\/\/[^\s/,]+)*\s*$/,
    should: '应为用逗号分开的来源，如 https://app.example，末尾没有 /',
  },
};

/** What a value must look like, and in words. */
interface Shape {
  shape: RegExp;
  should: string;
}
type Env = Record<string, string>;

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): Env {
  const picked: Env = {};
  for (const name of names) if (env[name]) picked[name] = env[name];
  return picked;
}

/** The part of the launcher's environment that every child gets. */
export const inheritedEnv = (env: NodeJS.ProcessEnv): Env => pick(env, INHERITED);
/** What the user set for the container. */
export const tuningEnv = (env: NodeJS.ProcessEnv): Env => pick(env, Object.keys(TUNING));

/** What is wrong with the settings, each naming its variable and never its value. Empty ones count as not set. */
export function settingProblems(env: NodeJS.ProcessEnv): string[] {
  const missing = ACCOUNT_NAMES.filter((name) => !env[name]);
  const problems: string[] = [];
  if (missing.length > 0 && missing.length < ACCOUNT_NAMES.length)
    problems.push(
      `使用真实的腾讯云语音识别需要同时设置 ${ACCOUNT_NAMES.join('、')}，还缺少 ${missing.join('、')}；都不设置则使用本地识别服务`,
    );
  for (const [name, { shape, should }] of Object.entries({ ...ACCOUNT, ...ENDPOINTS, ...ORIGINS, ...TUNING }))
    if (env[name] && !shape.test(env[name])) problems.push(`${name}：${should}`);
  if (env.TICKET_SECRET) {
    try {
      parseTicketKeys(env.TICKET_SECRET);
    } catch (error) {
      problems.push(`TICKET_SECRET（只用于部署）：${(error as Error).message}`);
    }
  }
  return problems;
}

/** The real speech service's account from the environment; undefined: none is set, the local service is used. */
export const realAsrEnv = (env: NodeJS.ProcessEnv): Env | undefined =>
  ACCOUNT_NAMES.every((name) => env[name])
    ? pick(env, [...ACCOUNT_NAMES, ...Object.keys(ENDPOINTS)])
    : undefined;

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
