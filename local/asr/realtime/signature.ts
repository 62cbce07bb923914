import { createHmac, timingSafeEqual } from 'node:crypto';

/** The host in the signed text, whatever address the client connects to. */
export const SIGN_HOST = 'asr.cloud.tencent.com';

/**
 * The text that a client signs: all parameters except `signature`, known or not, sorted by name, with decoded values.
 * Source: Tencent Cloud 1093/48982, "签名生成".
 */
export function stringToSign(appId: string, pairs: readonly (readonly [string, string])[]): string {
  const query = pairs
    .filter(([key]) => key !== 'signature')
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, value]) => `${key}=${value}`)
    .join('&');
  return `${SIGN_HOST}/asr/v2/${appId}?${query}`;
}

/** Base64 of HMAC-SHA1. */
export const sign = (text: string, secretKey: string): string =>
  createHmac('sha1', secretKey).update(text, 'utf8').digest('base64');

/** Compares in a time that does not depend on where the texts differ. */
export function timingSafeEqualText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
