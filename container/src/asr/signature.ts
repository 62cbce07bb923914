import { createHmac } from 'node:crypto';

/** The host in the signed text stays this one wherever the socket connects to, as in the official JS client. */
const SIGN_HOST = 'asr.cloud.tencent.com';

export interface Signable {
  appId: string;
  secretKey: string;
  /** All query parameters but `signature`; raw, not URL-encoded. */
  params: Readonly<Record<string, string | number>>;
}

/**
 * The query of a real-time recognition address, signed: parameters sorted by name, `signature` last. Values are
 * signed raw and sent percent-encoded.
 * Source: Tencent Cloud 1093/48982, "签名生成" (Base64 of HMAC-SHA1 over `host/path?query`, without scheme or method).
 */
export function signedQuery({ appId, secretKey, params }: Signable): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  const raw = sorted.map(([name, value]) => `${name}=${value}`).join('&');
  const signature = createHmac('sha1', secretKey)
    .update(`${SIGN_HOST}/asr/v2/${appId}?${raw}`, 'utf8')
    .digest('base64');
  return [...sorted, ['signature', signature] as const]
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}
