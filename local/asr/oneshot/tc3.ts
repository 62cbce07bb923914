import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { timingSafeEqualText } from '../realtime/signature.ts';

/** An error of Tencent Cloud API 3.0: `code` is what the SDK's exception carries. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface SignedRequest {
  method: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

const AUTHORIZATION =
  /^TC3-HMAC-SHA256 Credential=([^/]+)\/(\d{4}-\d{2}-\d{2})\/([^/]+)\/tc3_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * Verifies a TC3-HMAC-SHA256 signature. The service name is taken from the credential's scope, because the SDK derives it
 * from the endpoint's first label; the signed host has no port, because the SDK signs it without.
 * Source: Tencent Cloud API 3.0, "签名方法 v3".
 * @throws {ApiError} AuthFailure.*
 */
export function verifyTc3(
  request: SignedRequest,
  secrets: Readonly<Record<string, string>>,
  nowMs: number,
  skewMs: number,
): void {
  const { headers } = request;
  const [, secretId = '', date = '', service = '', signedHeaders = '', signature = ''] =
    AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  if (signature === '') throw failure('SignatureFailure', 'The Authorization header is malformed.');
  const secretKey = Object.hasOwn(secrets, secretId) ? secrets[secretId] : undefined;
  if (secretKey === undefined) throw failure('SecretIdNotFound', 'The SecretId is not found.');

  const timestamp = String(headers['x-tc-timestamp'] ?? '');
  const seconds = Number(timestamp);
  const valid = /^\d{1,12}$/.test(timestamp) && new Date(seconds * 1000).toISOString().startsWith(date);
  if (!valid || Math.abs(nowMs - seconds * 1000) > skewMs) {
    throw failure('SignatureExpire', 'The request has expired: check the clock.');
  }

  const scope = `${date}/${service}/tc3_request`;
  const text = ['TC3-HMAC-SHA256', timestamp, scope, sha256(canonicalRequest(request, signedHeaders))].join(
    '\n',
  );
  const key = hmac(hmac(hmac(`TC3${secretKey}`, date), service), 'tc3_request');
  if (!timingSafeEqualText(createHmac('sha256', key).update(text).digest('hex'), signature)) {
    throw failure('SignatureFailure', 'The provided credentials could not be validated.');
  }
}

const failure = (code: string, message: string): ApiError => new ApiError(`AuthFailure.${code}`, message);

function canonicalRequest({ method, headers, body }: SignedRequest, signedHeaders: string): string {
  const lines = signedHeaders.split(';').map((name) => {
    const value = String(headers[name] ?? '');
    return `${name}:${(name === 'host' ? value.replace(/:\d+$/, '') : value).trim().toLowerCase()}\n`;
  });
  return [method, '/', '', lines.join(''), signedHeaders, sha256(body)].join('\n');
}
