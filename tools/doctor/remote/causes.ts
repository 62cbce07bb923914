import { ERRORS, type ErrorCode, VoiceError } from '../../../contract/errors.ts';
import { Problem } from '../runner.ts';

/** Mends of codes whose message alone does not say what to do in a deployment. */
const MENDS: Partial<Record<ErrorCode, string>> = {
  TICKET_INVALID:
    '把容器与云函数的 TICKET_SECRET 设成同一个值（docs/deploy.md），改容器的要重新部署；票据也要用这个值签发',
  TICKET_EXPIRED: '票据 10 分钟有效：重新签发一张；刚签发的也过期，就是时钟不对，请校准（NTP）',
  UNAUTHENTICATED: '用 --ticket 或 --secret 给出票据',
  STORE_MISCONFIGURED:
    '检查 CLOUDBASE_APIKEY 是不是这个环境的服务端 API Key、TCB_ENV 对不对、五个集合建了没有（docs/deploy.md）；容器日志里有数据库的原话',
  STORE_UNAVAILABLE: '看云开发控制台里数据库的状态与额度；持续时看日志',
  ASR_AUTH:
    '检查 TENCENT_APPID、TENCENT_SECRET_ID、TENCENT_SECRET_KEY 是不是同一个账号的，子账号有没有 QcloudASRFullAccess；服务器时钟不准时签名也会无效',
  ASR_NOT_ENABLED: '在腾讯云控制台开通实时语音识别与一句话识别',
  ASR_NO_QUOTA: '购买资源包或开通后付费',
  ASR_ARREARS: '给腾讯云账户充值',
  BUSY: '会话数已满：稍后再试，或加实例（docs/operations.md）',
  DRAINING: '实例正在更新：稍后再试',
};
const SEE_OPERATIONS = '见 docs/operations.md 的错误码表';

const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(ERRORS, code);

/** What a refusal of the service means for whoever runs it. @param code may be one that this version does not know */
export function problemOfCode(code: unknown, where: string): Problem {
  if (!isCode(code)) return new Problem(`${where}：${String(code)}`, SEE_OPERATIONS);
  return new Problem(`${where}：${code}，${ERRORS[code].message}`, MENDS[code] ?? SEE_OPERATIONS, code);
}

/** The same for an error that was thrown; others are left as they are. */
export const problemOf = (error: unknown, where: string): unknown =>
  error instanceof VoiceError ? problemOfCode(error.code, where) : error;

export const NO_UPGRADE = {
  cause: 'HTTP 请求能到，WebSocket 的 Upgrade 没有到达服务：中间的代理没有转发它',
  mend: '让代理转发 Upgrade：nginx 里 proxy_http_version 1.1、proxy_set_header Upgrade $http_upgrade、proxy_set_header Connection "upgrade"',
} as const;

export const OLD_VERSION = '重新部署容器：npm run deploy -- --only container（docs/deploy.md）';
