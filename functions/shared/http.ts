import { type ErrorCode, VoiceError } from '../../contract/errors.ts';
import { BUILD_HEADER, HTTP_METHODS, httpStatusOf } from '../../contract/http-api.ts';
import { HTTP_MAX_TEXT_BYTES } from '../../contract/limits.ts';
import { BUILD } from '../../lib/build.ts';

/** A call through CloudBase's HTTP access ("集成请求", Tencent Cloud 876/41776). */
export interface HttpEvent {
  httpMethod: string;
  headers: Record<string, unknown>;
  /** Of a GET: the request. */
  queryStringParameters?: unknown;
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

/** A request over HTTP; `isQuery`: it is a GET's query, all of whose values are texts. */
export interface HttpRequest {
  request: unknown;
  isQuery: boolean;
}

/**
 * The request of a GET is its query, that of a POST its body.
 * @throws VoiceError METHOD_NOT_ALLOWED, BAD_REQUEST, BODY_TOO_LARGE
 */
export async function requestOf(event: HttpEvent): Promise<HttpRequest> {
  switch (event.httpMethod.toUpperCase()) {
    case 'GET':
      return { request: event.queryStringParameters ?? {}, isQuery: true };
    case 'POST':
      return { request: await bodyOf(event), isQuery: false };
    default:
      throw new VoiceError('METHOD_NOT_ALLOWED', { detail: 'httpMethod' });
  }
}

/**
 * The body of a POST: a JSON object, or `multipart/form-data` (RFC 7578) with the JSON object in the part `request`
 * (may be left out) and a file in the part `audio`, which becomes the request's `audio` in Base64.
 */
async function bodyOf(event: HttpEvent): Promise<unknown> {
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

/** The answer as JSON, with the HTTP status of its error code. */
export const httpAnswer = (
  answer: object,
  code: ErrorCode | undefined,
  headers: Record<string, string>,
): HttpAnswer => ({
  statusCode: code ? httpStatusOf(code) : 200,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    [BUILD_HEADER]: BUILD.build,
    ...(code && httpStatusOf(code) === 401 && { 'www-authenticate': 'Bearer' }),
    ...(code === 'METHOD_NOT_ALLOWED' && { allow: HTTP_METHODS.join(', ') }),
    ...headers,
  },
  body: JSON.stringify(answer),
  isBase64Encoded: false,
});

/** The answer to a preflight that is granted. */
export const noContent = (headers: Record<string, string>): HttpAnswer => ({
  statusCode: 204,
  headers: { 'cache-control': 'no-store', ...headers },
  body: '',
  isBase64Encoded: false,
});
