import { describeSystemError } from '../../lib/system-error.ts';
import { describeFailure } from '../cli.ts';

/** What went wrong with a call, whether the cloud refused it or never answered. */
export interface CloudFailure {
  /** `AuthFailure.SignatureFailure`; empty: there was no answer, or one that is none of the API's. */
  code: string;
  /** In the cloud's words, or ours where there was no answer. */
  message: string;
  action: string;
  requestId: string;
  isNotFound: boolean;
  /** The same call may succeed later. */
  isPassing: boolean;
  /** There was no answer: what was asked for may have happened. */
  isUncertain: boolean;
}

interface ErrorOfSdk {
  code?: unknown;
  /** Where there was no answer, the SDK puts the error itself here. */
  message?: unknown;
  action?: unknown;
  requestId?: unknown;
  name?: unknown;
}

/** As the API's codes are written. */
const CODE = /^[A-Z][a-z][A-Za-z]*(?:\.\w+)*$/;
const SYSTEM_CODE = /^(?:E[A-Z_]+|UND_ERR_\w+)$/;
const HAN = /\p{Script=Han}/u;
/** `[CreateTable] text`, as the SDK begins its messages. */
const PREFIX = /^\[[^\]]*\] ?/;
/** An answer that is not the API's: a proxy's page. */
const PAGE = /^\s*</;
/** Of a service that is not there; manager-node 5.6.5 counts the last one too. */
const NOT_FOUND = /^ResourceNotFound(?:\.|$)/;
const SERVICE_NOT_FOUND = 'service data illegal';
const PASSING = /^(?:RequestLimitExceeded|InternalError|ResourceInUse|LimitExceeded\.Request)/;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Of what the SDK throws when it has got something, if only a proxy's page. */
const SDK_ERROR = 'CloudBaseError';

/** Reads what `@cloudbase/manager-node` throws. */
export function describeCloudError(error: unknown): CloudFailure {
  const { code, message, action, requestId, name } = (error ?? {}) as ErrorOfSdk;
  const answered = CODE.test(textOf(code)) ? textOf(code) : '';
  const said = textOf(message).replace(PREFIX, '');
  const isNetworks = message instanceof Error || SYSTEM_CODE.test(textOf(code));
  // in Chinese it is the SDK's own word about what it has seen
  const isNoAnswerOfTheApi = name === SDK_ERROR && !HAN.test(said);
  const isSilence = answered === '' && (isNetworks || isNoAnswerOfTheApi);
  return {
    code: answered,
    message: answered === '' ? silenceText(error, message, said) : said,
    action: textOf(action),
    requestId: textOf(requestId),
    isNotFound:
      NOT_FOUND.test(answered) || (answered === 'InvalidParameter' && said.includes(SERVICE_NOT_FOUND)),
    isPassing: isSilence || PASSING.test(answered),
    isUncertain: isSilence,
  };
}

const silenceText = (error: unknown, message: unknown, said: string): string =>
  PAGE.test(said)
    ? '应答不是云的，多半来自中间的代理'
    : (describeSystemError(message) ?? describeSystemError(error) ?? (said || String(error)));

/** What to do about a refusal, by the beginning of its code; the first that fits. */
const MENDS: readonly [code: RegExp, mend: string][] = [
  [/^AuthFailure\.SecretIdNotFound/, 'TENCENTCLOUD_SECRETID 不存在或已停用：到「访问管理 → API 密钥」核对'],
  [/^AuthFailure\.SignatureExpire/, '这台机器的时钟不准：校准后再运行'],
  [/^AuthFailure\.SignatureFailure/, 'TENCENTCLOUD_SECRETKEY 与 TENCENTCLOUD_SECRETID 不成对：重新填写'],
  [/^AuthFailure\.TokenFailure/, '临时密钥的 TENCENTCLOUD_SESSIONTOKEN 过期或不对：换一组'],
  [
    /^(?:AuthFailure|UnauthorizedOperation)/,
    '这个子账号没有权限：在「访问管理」给它关联 QcloudTCBFullAccess、QcloudSCFFullAccess（云托管还要 QcloudAccessForTCBRoleInAccessCloudBaseRun）',
  ],
  [/^RequestLimitExceeded/, '调用太频繁：等一分钟再运行'],
  [/^ResourceInUse/, '云上另有任务正在进行：等它结束（控制台可以看到）再运行'],
  [
    /^(?:LimitExceeded|ResourceInsufficient|ResourcesSoldOut)/,
    '超过了环境或账号的额度：在控制台删除不用的资源或提高额度',
  ],
  [/Arrears|InsufficientBalance|Overdue/i, '账户欠费：充值后再运行'],
  [/^ResourceNotFound/, '云上没有它：核对 TCB_ENV 与地域（TENCENTCLOUD_REGION，默认 ap-shanghai）'],
  [/^ResourceUnavailable/, '资源现在不可用：在控制台看它的状态'],
  [/^InternalError/, '云自己的错误：过一会儿再运行，总是这样就带请求号提工单'],
];

const UNCERTAIN = '检查网络与代理；没有收到应答的这一步可能已经生效，再运行一次即可：做好了的不会重做';
const UNKNOWN = '在控制台核对；带请求号可以提工单';

const mendOf = ({ code, isUncertain }: CloudFailure): string =>
  isUncertain ? UNCERTAIN : (MENDS.find(([beginning]) => beginning.test(code))?.[1] ?? UNKNOWN);

/** A failure as people read it: what the cloud said, and what to do. */
export function failureText(error: unknown): string {
  const failure = describeCloudError(error);
  const { code, message, action, requestId, isUncertain } = failure;
  // neither the cloud's word nor its silence
  if (code === '' && !isUncertain) return describeFailure(error);
  const what = isUncertain ? `没有应答（${message}）` : `云拒绝了 ${action || '调用'}（${code}）：${message}`;
  const id = requestId === '' ? '' : `\n    请求号 ${requestId}`;
  return `${what}\n    → ${mendOf(failure)}${id}`;
}
