import { type ErrorCode, isRetriable, VoiceError } from '../../contract/errors.ts';

/** A call through CloudBase's HTTP access ("集成请求", Tencent Cloud 876/41776). */
export interface HttpEvent {
  httpMethod: string;
  headers: Record<string, unknown>;
  body?: unknown;
  isBase64Encoded?: unknown;
}

export interface HttpAnswer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: false;
}

export const isHttpEvent = (event: unknown): event is HttpEvent => {
  if (typeof event !== 'object' || event === null) return false;
  const { httpMethod, headers } = event as { httpMethod?: unknown; headers?: unknown };
  return typeof httpMethod === 'string' && typeof headers === 'object' && headers !== null;
};

/**
 * The JSON object in the body of a POST.
 * @throws VoiceError BAD_REQUEST
 */
export function requestOf(event: HttpEvent): unknown {
  if (event.httpMethod.toUpperCase() !== 'POST')
    throw new VoiceError('BAD_REQUEST', { detail: 'httpMethod' });
  if (typeof event.body !== 'string') throw new VoiceError('BAD_REQUEST', { detail: 'body' });
  const text =
    event.isBase64Encoded === true ? Buffer.from(event.body, 'base64').toString('utf8') : event.body;
  try {
    return JSON.parse(text);
  } catch {
    throw new VoiceError('BAD_REQUEST', { detail: 'body' });
  }
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  TICKET_INVALID: 401,
  TICKET_EXPIRED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  TOO_LARGE: 413,
  AUDIO_UNSUPPORTED: 415,
  INTERNAL: 500,
};
const statusOf = (code: ErrorCode): number => STATUS[code] ?? (isRetriable(code) ? 503 : 400);

/** The answer as JSON, with the HTTP status of its error code. */
export const httpAnswer = (answer: object, code: ErrorCode | undefined): HttpAnswer => ({
  statusCode: code ? statusOf(code) : 200,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(answer),
  isBase64Encoded: false,
});
