/**
 * Error codes of the real-time service with their messages.
 * Source: Tencent Cloud 1093/48982, table of error codes. It says that messages may change and only codes are stable.
 */
export const ERROR_MESSAGES = {
  4000: '音频数据发送过多，请1秒内最多发送3秒音频数据',
  4001: '参数不合法',
  4002: '鉴权失败',
  4003: 'AppID 服务未开通',
  4004: '资源包耗尽，请开通后付费或者购买资源包',
  4005: '账户欠费停止服务',
  4006: '账号当前调用并发超限',
  4007: '音频解码失败',
  4008: '后台识别服务器音频分片等待超时',
  4009: '客户端连接断开',
  4010: '客户端上传未知文本消息',
  5000: '后台错误，请重试',
  5001: '后台识别服务器繁忙，请重试',
  5002: '后台识别服务器识别失败，请重试',
  6001: '境外调用请使用国际站',
} as const;

export type AsrCode = keyof typeof ERROR_MESSAGES;
export const isAsrCode = (code: number): code is AsrCode => Object.hasOwn(ERROR_MESSAGES, code);

/** The error with which a stream is refused or ended. */
export interface Refusal {
  code: AsrCode;
  /** Appended in brackets to the code's message. */
  detail?: string;
}

export const refusalMessage = ({ code, detail }: Refusal): string =>
  detail === undefined ? ERROR_MESSAGES[code] : `${ERROR_MESSAGES[code]}(${detail})`;
