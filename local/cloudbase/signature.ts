import type { IncomingMessage } from 'node:http';
import { Signer } from '@cloudbase/signature-nodejs';
import { signatureRefused } from './errors.ts';

/** Seconds that a signature holds when the request does not say. */
const DEFAULT_EXPIRES_S = 600;

/** As RFC 6750 §2.1 has it; node-sdk sends `CLOUDBASE_APIKEY` so. */
const BEARER = /^Bearer (.+)$/;

/**
 * Checks that a request comes with one of the API keys or is signed with one of the secret keys. That a wrong API key is
 * answered with the code of a wrong signature ("invalid authentication parameter") has not been seen on the real service.
 * @throws CloudError SIGN_PARAM_INVALID
 */
export function checkCredentials(
  request: IncomingMessage,
  params: Readonly<Record<string, unknown>>,
  accepted: { secrets: Readonly<Record<string, string>>; apiKeys?: ReadonlySet<string> | undefined },
  nowMs: number,
): void {
  const apiKey = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (apiKey === undefined) checkSignature(request, params, accepted.secrets, nowMs);
  else if (!accepted.apiKeys?.has(apiKey)) throw signatureRefused('api key is not valid');
}

/**
 * Checks a request's TC3-HMAC-SHA256 signature by signing what was received with the vendor's own signer.
 * @throws CloudError SIGN_PARAM_INVALID: unknown secret id, wrong key, changed content, or expired.
 */
function checkSignature(
  request: IncomingMessage,
  params: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, string>>,
  nowMs: number,
): void {
  const authorization = String(request.headers.authorization ?? '');
  const part = (name: string): string => new RegExp(`${name}=([^,\\s]+)`).exec(authorization)?.[1] ?? '';
  const secretId = part('Credential').split('/')[0] ?? '';
  const secretKey = Object.hasOwn(secrets, secretId) ? secrets[secretId] : undefined;
  if (secretKey === undefined) throw signatureRefused('secret id is unknown');

  const timestamp = Number(request.headers['x-timestamp']);
  const expires = Number(request.headers['x-signature-expires'] ?? DEFAULT_EXPIRES_S);
  if (!(Math.abs(nowMs / 1000 - timestamp) <= expires)) throw signatureRefused('signature has expired');

  const names = part('SignedHeaders').split(';');
  const headers = Object.fromEntries(names.map((name) => [name, request.headers[name]]));
  const signed = new Set(part('SignedParams').split(';'));
  const body = Object.fromEntries(Object.entries(params).filter(([name]) => signed.has(name.toLowerCase())));
  const url = `http://${request.headers.host}${request.url}`;
  const expected = new Signer({ secretId, secretKey }, 'tcb').tc3sign('post', url, headers, body, timestamp, {
    withSignedParams: true,
  });
  if (/Signature=(.*)/.exec(expected.authorization)?.[1] !== part('Signature'))
    throw signatureRefused('signature does not match');
}
