import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ApiError } from './errors.ts';

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

const AUTHORIZATION =
  /^TC3-HMAC-SHA256 Credential=([^/]+)\/(\d{4}-\d\d-\d\d)\/(\w+)\/tc3_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/;

export interface SignedRequest {
  method: string;
  path: string;
  query: string;
  /** By lower-case name; `host` is the one that was meant. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
}

/**
 * Checks a TC3-HMAC-SHA256 signature (API 3.0, "signature method v3").
 * @param secrets secret keys by secret id
 * @throws ApiError `AuthFailure.…`
 */
export function checkSignature(request: SignedRequest, secrets: Readonly<Record<string, string>>): void {
  const { method, path, query, headers, body } = request;
  const [, secretId = '', date = '', service = '', names = '', signature = ''] =
    AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  if (!signature) throw new ApiError('AuthFailure.InvalidAuthorization', 'the request is not signed');
  const secretKey = Object.hasOwn(secrets, secretId) ? secrets[secretId] : undefined;
  if (secretKey === undefined)
    throw new ApiError(
      'AuthFailure.SecretIdNotFound',
      'the SecretId is not found, please ensure it is right',
    );
  const signed = names.split(';').map((name) => `${name}:${headers[name] ?? ''}\n`);
  const canonical = [method, path, query, signed.join(''), names, sha256(body)].join('\n');
  const toSign = [
    'TC3-HMAC-SHA256',
    headers['x-tc-timestamp'],
    `${date}/${service}/tc3_request`,
    sha256(canonical),
  ];
  const key = hmac(hmac(hmac(`TC3${secretKey}`, date), service), 'tc3_request');
  const expected = hmac(key, toSign.join('\n'));
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex')))
    throw new ApiError('AuthFailure.SignatureFailure', 'the signature does not match');
}
