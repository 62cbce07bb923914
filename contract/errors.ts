/**
 * The one table of errors: a stable code, whether trying again can help, and what to do about it.
 * Codes never change meaning; messages may be reworded.
 */

interface ErrorEntry {
  readonly retriable: boolean;
  /** For developers, in Chinese: what is wrong and what to do. Never holds user content. */
  readonly message: string;
}

/** Errors of the services by code: whether trying again can help, and for developers what is wrong and what to do (in Chinese). */
export const ERRORS = {
  // who is calling
  UNAUTHENTICATED: {
    retriable: false,
    message:
      '没有身份凭证：请先调用云函数 ticket，再把票据放进 auth: { ticket }（Socket.IO 2.x 客户端放进 query: { ticket }）',
  },
  TICKET_INVALID: {
    retriable: false,
    message: '票据无效：请确认容器与云函数 ticket 使用同一把 TICKET_SECRET',
  },
  TICKET_EXPIRED: { retriable: true, message: '票据已过期：请重新获取票据后再连接' },
  FORBIDDEN: {
    retriable: false,
    message: '无权访问：这条记录属于其他用户，或不允许这样调用（票据不经 HTTP 签发）',
  },
  USE_NAMESPACE: { retriable: false, message: '请连接命名空间 /realtime-voice，默认命名空间 / 不提供服务' },

  USE_WEBSOCKET: {
    retriable: false,
    message: "只支持 WebSocket：请在客户端设置 transports: ['websocket']",
  },

  // what was asked
  BAD_REQUEST: { retriable: false, message: '请求格式不正确：请对照接口文档检查参数' },
  UNKNOWN_EVENT: { retriable: false, message: '未知事件：可用的事件是 start、audio、skip、stop、cancel' },
  UNKNOWN_ACTION: { retriable: false, message: '未知 action：请对照云函数文档' },
  UNKNOWN_ENGINE: { retriable: false, message: '不支持的引擎：请从 contract/engines.ts 的列表中选择' },
  BAD_SAMPLE_RATE: { retriable: false, message: '该引擎不支持这个采样率' },
  BAD_HOTWORDS: {
    retriable: false,
    message:
      '热词格式不正确：最多 128 个，每个不超过 10 个汉字或 30 个字母，合计不超过约 600 个汉字，权重 1–11 或 100',
  },
  TOO_LARGE: { retriable: false, message: '内容过大：请减小单次请求的数据量' },
  BODY_TOO_LARGE: {
    retriable: false,
    message: 'HTTP 访问的文本请求体最多 100 KB：音频请用 multipart/form-data 上传，或先存到云存储再传 fileID',
  },
  METHOD_NOT_ALLOWED: {
    retriable: false,
    message: 'HTTP 方法不对：GET 只能查询，其余的 action 用 POST；没有别的方法',
  },
  NOT_FOUND: { retriable: false, message: '记录不存在' },
  TOO_MANY_PINNED: { retriable: false, message: '置顶的记录已经够多：请先取消一些置顶' },

  // the stream
  NOT_STARTED: { retriable: false, message: '会话尚未开始：请先发送 start 并等待应答' },
  ALREADY_STARTED: { retriable: false, message: '这个连接已经有一个进行中的会话：请先 stop 或 cancel' },
  BAD_AUDIO: {
    retriable: false,
    message:
      '音频格式不正确：需要 16 位单声道 PCM，每帧为偶数字节，或带位置的一块 IMA ADPCM，以 ArrayBuffer 或 base64 发送',
  },
  MIXED_FRAMES: { retriable: false, message: '同一会话中不能混用带位置与不带位置的音频帧' },
  AUDIO_GAP: { retriable: true, message: '音频不连续：请从 nextPos 处重新发送' },
  TOO_FAST: { retriable: true, message: '音频发送过快：请等待 progress 中的 limitPos 前进后再发送' },
  TAKEN_OVER: { retriable: false, message: '会话已在另一台设备上继续' },
  SESSION_DELETED: { retriable: false, message: '会话已被删除' },
  SESSION_ENDED: { retriable: false, message: '会话已经结束' },
  SESSION_EXPIRED: { retriable: false, message: '会话中断已久，不能再续传：请开始新的会话' },
  DRAINING: { retriable: true, message: '服务实例正在更新：请稍后重新连接' },
  BUSY: { retriable: true, message: '服务繁忙：请稍后重试' },
  RECORD_TOO_NEW: {
    retriable: true,
    message: '这条记录由更新的版本写成，应答的实例还读不了：请重新连接，由更新后的实例接手',
  },
  RATE_LIMITED: { retriable: true, message: '请求过于频繁：请等待 retryAfterMs 之后再试' },

  // what we depend on
  STORE_MISCONFIGURED: {
    retriable: false,
    message: '数据库配置有误：请检查环境 ID、密钥、集合与权限，详情见服务日志与 /ready',
  },
  STORE_UNAVAILABLE: { retriable: true, message: '数据库暂时不可用：请稍后重试' },
  ASR_UNAVAILABLE: { retriable: true, message: '语音识别服务暂时不可用：请稍后重试' },
  ASR_BUSY: { retriable: true, message: '语音识别并发已满：请稍后重试，或购买并发包' },
  ASR_AUTH: { retriable: false, message: '语音识别鉴权失败：请检查 TENCENT_APPID、密钥与子账号权限' },
  ASR_NOT_ENABLED: { retriable: false, message: '语音识别服务未开通：请在腾讯云控制台开通' },
  ASR_NO_QUOTA: { retriable: false, message: '语音识别资源包已用尽：请购买资源包或开通后付费' },
  ASR_ARREARS: { retriable: false, message: '腾讯云账户欠费：请充值' },
  ASR_BAD_PARAMS: { retriable: false, message: '语音识别拒绝了参数：请检查引擎是否已在账号中开通' },
  ASR_BAD_AUDIO: { retriable: false, message: '语音识别无法解码音频：请检查采样率与格式' },
  ASR_REGION: { retriable: false, message: '境外调用被拒绝：请使用国际站，或关闭代理' },

  // one-shot recognition
  AUDIO_TOO_LONG: { retriable: false, message: '音频超过 60 秒：请改用实时识别' },
  AUDIO_UNSUPPORTED: {
    retriable: false,
    message: '不支持的音频格式：支持 wav、pcm、mp3、m4a、aac、amr、silk、speex、ogg-opus',
  },
  NO_SPEECH: { retriable: false, message: '没有听到语音' },

  CONFLICT: { retriable: true, message: '记录正被同时修改：请稍后重试' },
  INTERNAL: { retriable: true, message: '服务内部错误：请稍后重试，并提供 requestId' },
} as const satisfies Record<string, ErrorEntry>;

/** A code of {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** What goes over the wire in `error` events, refused acknowledgements and function answers. */
export interface WireError {
  /** What is wrong, as a stable code. */
  code: ErrorCode;
  /** For developers, in Chinese. */
  message: string;
  /** Whether trying again can help. */
  retriable: boolean;
  /** Wait at least this long before trying again, ms. */
  retryAfterMs?: number;
  /** Of the line in the service's log that says more. */
  requestId?: string;
  /** Which part of the request was wrong (a path such as `hotwords.3.word`), never its content. */
  detail?: string;
}

/** The one place that decides whether trying again can help. */
export const isRetriable = (code: ErrorCode): boolean => ERRORS[code].retriable;

/** An error with a stable code. What goes to a client is its {@link WireError}. */
export class VoiceError extends Error {
  /** What is wrong, as a stable code. */
  readonly code: ErrorCode;
  /** Wait at least this long before trying again, ms; undefined: nothing is said. */
  readonly retryAfterMs: number | undefined;
  /** Which part of the request was wrong (a path such as `hotwords.3.word`), never its content. */
  readonly detail: string | undefined;

  /** @param options `cause`: the error behind it, which is not sent */
  constructor(code: ErrorCode, options: { retryAfterMs?: number; detail?: string; cause?: unknown } = {}) {
    super(ERRORS[code].message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'VoiceError';
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.detail = options.detail;
  }

  /** Whether trying again can help. */
  get retriable(): boolean {
    return isRetriable(this.code);
  }

  /** As it is sent to a client. */
  toWire(): WireError {
    return {
      code: this.code,
      message: this.message,
      retriable: this.retriable,
      ...(this.retryAfterMs !== undefined && { retryAfterMs: this.retryAfterMs }),
      ...(this.detail !== undefined && { detail: this.detail }),
    };
  }
}

/** Anything thrown as a {@link VoiceError}; an unknown error becomes `INTERNAL`, with the error as its cause. */
export const asVoiceError = (error: unknown): VoiceError =>
  error instanceof VoiceError ? error : new VoiceError('INTERNAL', { cause: error });
