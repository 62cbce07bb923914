import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { parseTicketKeys } from '../../contract/ticket.ts';
import { ToolError } from '../cli.ts';

export type Values = Readonly<Record<string, string | undefined>>;

interface Variable {
  /** Where people get it. */
  from: string;
  /** What is wrong with a value, in words; undefined: nothing that can be seen. Never shows the value. */
  wrong?(value: string): string | undefined;
  optional?: true;
}

const CONSOLE = '腾讯云控制台「访问管理 → API 密钥」';
const shaped =
  (shape: RegExp, should: string) =>
  (value: string): string | undefined =>
    shape.test(value) ? undefined : should;
/** Letters and digits as Tencent makes them: SecretId `AKID…` (international `IKID…`), SecretKey 32 characters or more. */
const secretId = shaped(/^[A-Z]KID[A-Za-z0-9_-]{13,}$/, '太短或格式不对，应以 AKID 开头');
const secretKey = shaped(/^[A-Za-z0-9+/=_-]{32,}$/, '太短或格式不对，应有 32 个字符以上');

function ticketSecret(value: string): string | undefined {
  try {
    parseTicketKeys(value);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Everything that a deployment takes, besides what cloudbaserc.json itself says. */
const VARIABLES: Readonly<Record<string, Variable>> = {
  TCB_ENV: {
    from: '云开发控制台「概览」里的环境 ID',
    wrong: shaped(/^[a-z0-9][a-z0-9-]{4,}[a-z0-9]$/, '应为环境 ID：小写字母、数字与连字符'),
  },
  TENCENTCLOUD_SECRETID: { from: `${CONSOLE}，有云开发权限的子账号，只用于部署`, wrong: secretId },
  TENCENTCLOUD_SECRETKEY: { from: '与 TENCENTCLOUD_SECRETID 成对', wrong: secretKey },
  TENCENTCLOUD_SESSIONTOKEN: { from: '临时密钥的 Token', optional: true },
  CLOUDBASE_APIKEY: {
    from: '云开发控制台「环境配置 → API Key」，容器用它访问数据库',
    wrong: shaped(/^\S{32,}$/, '太短'),
  },
  TICKET_SECRET: { from: 'openssl rand -hex 32', wrong: ticketSecret },
  TENCENT_APPID: {
    from: '腾讯云控制台「账号信息」里的 APPID',
    wrong: shaped(/^\d{8,12}$/, '应为 8 到 12 位数字'),
  },
  TENCENT_SECRET_ID: { from: `${CONSOLE}，只有 QcloudASRFullAccess 的子账号`, wrong: secretId },
  TENCENT_SECRET_KEY: { from: '与 TENCENT_SECRET_ID 成对', wrong: secretKey },
  HTTP_ALLOWED_ORIGINS: {
    from: '可以经 HTTP 调用的网页来源；不用就留空',
    wrong: shaped(
      /^https?:\/\/[^\s/,]+(\s*,\s*https?:\/\/[^\s/,]+)*$/,
      '应为用逗号分开的来源，如 https://app.example.com，末尾没有 /',
    ),
    optional: true,
  },
};

/** What the management API is called with. */
export const CREDENTIALS = ['TENCENTCLOUD_SECRETID', 'TENCENTCLOUD_SECRETKEY'] as const;
export const SESSION_TOKEN = 'TENCENTCLOUD_SESSIONTOKEN';
/** May be left empty; what is empty is not deployed. */
export const isOptional = (name: string): boolean => VARIABLES[name]?.optional === true;
/** Where people get a value. */
export const originOf = (name: string): string => VARIABLES[name]?.from ?? 'cloudbaserc.json 用到它';

/** What stands for a value that is still to be filled in. */
const SAMPLES: readonly RegExp[] = [
  /^(?:change[-_ ]?me|todo|tbd|test|demo|example|sample|placeholder|none|null|undefined|secret|password)$/i,
  /^your[-_ ]/i,
  /[-_ ](?:here|changeme|placeholder)$/i,
  /x{4,}/i,
  /\*{3,}|\.{3,}|…/,
  /^(?:<.*>|\[.*\]|\$\{?.*\}?|\{\{.*\}\})$/,
  /[\p{Script=Han}]/u,
  /^(.)\1+$/,
];

/** One value that cannot be deployed; the message never shows it. */
export interface ValueProblem {
  name: string;
  problem: string;
  /** Where to get it. */
  from: string;
}

/**
 * What is wrong with the values that a deployment needs: all of it at once.
 * @param examples values of the sample file: one that was copied is not a value
 */
export function valueProblems(
  needed: readonly string[],
  values: Values,
  examples: Values = {},
): ValueProblem[] {
  return needed.flatMap((name) => {
    const problem = problemOf(name, values[name] ?? '', examples[name]);
    return problem === undefined ? [] : [{ name, problem, from: originOf(name) }];
  });
}

function problemOf(name: string, value: string, example: string | undefined): string | undefined {
  const { wrong, optional } = VARIABLES[name] ?? {};
  if (value.trim() === '') return optional ? undefined : '没有填';
  if (value !== value.trim()) return '前后有空白';
  const isSample = SAMPLES.some((sample) => sample.test(value)) || value === example;
  return isSample ? '还是示例值' : wrong?.(value);
}

/** The values of a file, overridden by the environment. Nothing is put into the environment, which children inherit. */
export function readValues(valuesFile: string, env: NodeJS.ProcessEnv): Values {
  return { ...fileValues(valuesFile), ...definedOnly(env) };
}

/** @throws ToolError where the file was named and cannot be read */
export function fileValues(path: string): Values {
  if (!existsSync(path)) {
    if (path === '.env') return {};
    throw new ToolError(`没有文件 ${path}`);
  }
  return parseEnv(readFileSync(path, 'utf8')) as Values;
}

const definedOnly = (env: NodeJS.ProcessEnv): Values =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
