import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { newId } from '../ids.ts';
import { LOCAL_APPID } from './identity.ts';

const TEXT = /^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded))/;

/** The event of an integrated request (Tencent Cloud document 876/41776). It holds no identity. */
export function httpEvent(
  request: IncomingMessage,
  url: URL,
  path: string,
  body: Buffer,
  envId: string,
): object {
  const isText = body.length === 0 || TEXT.test(request.headers['content-type'] ?? '');
  return {
    path,
    httpMethod: request.method,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    ),
    queryStringParameters: Object.fromEntries(url.searchParams),
    requestContext: { requestId: newId(), envId, appId: LOCAL_APPID, uin: '100000000000' },
    body: body.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  };
}

export interface HttpAnswer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: string | Buffer;
}

/** What the caller gets for a function's result: an integrated response as given, else text or JSON. */
export function httpAnswer(result: unknown): HttpAnswer {
  if (isIntegrated(result)) {
    const { statusCode, headers = {}, body = '', isBase64Encoded } = result;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { status: statusCode, headers, body: isBase64Encoded ? Buffer.from(text, 'base64') : text };
  }
  if (typeof result === 'string' || typeof result === 'number')
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: String(result) };
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(result),
  };
}

interface IntegratedResponse {
  statusCode: number;
  headers?: OutgoingHttpHeaders;
  body?: unknown;
  isBase64Encoded?: boolean;
}
const isIntegrated = (result: unknown): result is IntegratedResponse =>
  typeof result === 'object' &&
  result !== null &&
  Number.isInteger((result as IntegratedResponse).statusCode);
