import { type ErrorCode, isRetriable, VoiceError } from '../../contract/errors.ts';
import { HTTP_MAX_TEXT_BYTES } from '../../contract/limits.ts';

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
 * The request in the body of a POST: a JSON object, or `multipart/form-data` (RFC 7578) with the JSON object in the part `request`
 * (may be left out) and a file in the part `audio`, which becomes the request's `audio` in Base64.
 * @throws VoiceError BAD_REQUEST, BODY_TOO_LARGE
 */
export async function requestOf(event: HttpEvent): Promise<unknown> {
  if (event.httpMethod.toUpperCase() !== 'POST')
    throw new VoiceError('BAD_REQUEST', { detail: 'httpMethod' });
  if (typeof event.body !== 'string') throw badBody();
  const isText = event.isBase64Encoded !== true;
  const bytes = Buffer.from(event.body, isText ? 'utf8' : 'base64');
  if (isText && bytes.length > HTTP_MAX_TEXT_BYTES)
    throw new VoiceError('BODY_TOO_LARGE', { detail: 'body' });
  const type = headerOf(event, 'content-type') ?? '';
  try {
    return /^multipart\/form-data\b/i.test(type)
      ? await formRequest(bytes, type)
      : JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw badBody(error);
  }
}

const badBody = (cause?: unknown): VoiceError => new VoiceError('BAD_REQUEST', { detail: 'body', cause });

async function formRequest(bytes: Buffer, type: string): Promise<object> {
  const form = await new Response(bytes, { headers: { 'content-type': type } }).formData();
  const request: unknown = JSON.parse(String(form.get('request') ?? '{}'));
  if (typeof request !== 'object' || request === null || Array.isArray(request)) throw new Error('no object');
  const audio = form.get('audio');
  if (audio === null || typeof audio === 'string') return request;
  return { ...request, audio: Buffer.from(await audio.arrayBuffer()).toString('base64') };
}

/** A header's value, whatever the case of its name; undefined where there is none. */
export function headerOf({ headers }: HttpEvent, name: string): string | undefined {
  const value = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof value === 'string' ? value : undefined;
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  TICKET_INVALID: 401,
  TICKET_EXPIRED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  TOO_LARGE: 413,
  BODY_TOO_LARGE: 413,
  AUDIO_UNSUPPORTED: 415,
  INTERNAL: 500,
  STORE_MISCONFIGURED: 500,
};
const statusOf = (code: ErrorCode): number => STATUS[code] ?? (isRetriable(code) ? 503 : 400);

/** The answer as JSON, with the HTTP status of its error code. */
export const httpAnswer = (answer: object, code: ErrorCode | undefined): HttpAnswer => ({
  statusCode: code ? statusOf(code) : 200,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(answer),
  isBase64Encoded: false,
});
