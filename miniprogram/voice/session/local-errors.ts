import { ERRORS, type ErrorCode, isRetriable, VoiceError, type WireError } from '../../../contract/errors.ts';

/** Errors that occur before one of our services answers: on the phone, its network, or the cloud's gateway. */
export const LOCAL_ERRORS = {
  NETWORK: { retriable: true, message: '网络不可用或请求超时' },
  CLOUD_NOT_READY: { retriable: false, message: '云开发未初始化：基础库过低，或环境 ID 不正确' },
  FUNCTION_NOT_FOUND: { retriable: false, message: '云函数不存在：请先部署云函数' },
  FUNCTION_FAILED: { retriable: true, message: '云函数执行失败：请查看云函数日志' },
  UPLOAD_FAILED: { retriable: true, message: '文件上传失败' },
  TOO_OLD: { retriable: false, message: '录音存放超过 24 小时，已不能续传' },
  SESSION_CLOSED: { retriable: true, message: '已离开页面，录音稍后继续上传' },
} as const;

/** A code of {@link LOCAL_ERRORS}. */
export type LocalErrorCode = keyof typeof LOCAL_ERRORS;
/** Every code that a page can meet. */
export type AnyErrorCode = ErrorCode | LocalErrorCode;

/** An error without a code in the contract, because no service was reached. */
export class LocalError extends Error {
  /** What is wrong, as a stable code. */
  readonly code: LocalErrorCode;
  /** The platform's own text (`errMsg`). */
  readonly detail: string;

  /** @param detail the platform's own text, for logs */
  constructor(code: LocalErrorCode, detail = '') {
    super(LOCAL_ERRORS[code].message);
    this.name = 'LocalError';
    this.code = code;
    this.detail = detail;
  }

  /** Whether trying again can help. */
  get retriable(): boolean {
    return LOCAL_ERRORS[this.code].retriable;
  }
}

export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.keys(ERRORS).includes(code);

/** The code of anything that was thrown; `INTERNAL` where it is neither a VoiceError nor a LocalError. */
export const codeOf = (error: unknown): AnyErrorCode =>
  error instanceof VoiceError || error instanceof LocalError ? error.code : 'INTERNAL';

/**
 * Reads an error that was received. The contract's table decides `retriable`; a code that this version does not know becomes
 * `INTERNAL` with the sender's `retriable`. Null where the value is no error.
 */
export function readWireError(value: unknown): WireError | null {
  if (typeof value !== 'object' || value === null) return null;
  const { code, message, retriable, retryAfterMs, detail } = value as Partial<
    Record<keyof WireError, unknown>
  >;
  if (typeof code !== 'string') return null;
  const known: ErrorCode = isErrorCode(code) ? code : 'INTERNAL';
  return {
    code: known,
    message: typeof message === 'string' ? message : ERRORS[known].message,
    retriable: known === code ? isRetriable(known) : retriable !== false,
    ...(typeof retryAfterMs === 'number' && retryAfterMs >= 0 && { retryAfterMs }),
    ...(typeof detail === 'string' && { detail }),
  };
}

/** A received error as an Error to throw. */
export const voiceErrorOf = ({ code, retryAfterMs, detail }: WireError): VoiceError =>
  new VoiceError(code, {
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(detail !== undefined && { detail }),
  });

/** Why no ticket could be fetched, with a code of the contract, which a session's `error` event requires. */
export function wireErrorOf(error: unknown): WireError {
  if (error instanceof VoiceError) return error.toWire();
  if (!(error instanceof LocalError)) return new VoiceError('INTERNAL').toWire();
  const detail = [error.code, error.detail].filter(Boolean).join(': ');
  return { code: 'UNAUTHENTICATED', message: error.message, retriable: error.retriable, detail };
}
