import { jwtVerify, SignJWT } from 'jose';
import { VoiceError } from './errors.ts';
import { TICKET_LEEWAY_MS, TICKET_TTL_MS } from './limits.ts';

/**
 * The ticket that proves who is calling: a JWT (RFC 7519), HS256 and nothing else, signed by the cloud function
 * `ticket` with a key that only it and the container know. `kid` names the key, so that keys can be rotated.
 */
const ALGORITHM = 'HS256';
const AUDIENCE = 'realtime-voice';
const ISSUER = 'cloudbase-realtime-voice';

/** RFC 7518 §3.2: a key at least as long as the hash, so that it cannot be guessed from a ticket. */
export const MIN_SECRET_BYTES = 32;

/** Keys by `kid`. The first one signs, all verify. */
export type TicketKeys = ReadonlyMap<string, Uint8Array>;

/**
 * Reads `TICKET_SECRET`: one secret, or several as `kid:secret,kid:secret` (the first signs).
 * @throws Error that says for people what is wrong, never the secret
 */
export function parseTicketKeys(text: string): TicketKeys {
  const keys = new Map<string, Uint8Array>();
  for (const part of text.split(',')) {
    const [, kid = 'k1', secret = ''] = /^(?:([A-Za-z0-9_-]{1,16}):)?(.*)$/.exec(part.trim()) ?? [];
    const bytes = new TextEncoder().encode(secret);
    if (bytes.byteLength < MIN_SECRET_BYTES) throw new Error(`密钥 ${kid} 不足 ${MIN_SECRET_BYTES} 字节`);
    if (keys.has(kid)) throw new Error(`密钥编号 ${kid} 出现了两次`);
    keys.set(kid, bytes);
  }
  return keys;
}

/** What the cloud function `ticket` answers. */
export interface Ticket {
  /** The signed JWT, for `auth.ticket` of the handshake. */
  ticket: string;
  /** Expiry, epoch ms by the signer's clock. */
  expiresAt: number;
  /** The signer's clock, epoch ms: a phone's clock may be wrong, so it waits `expiresAt - now`. */
  now: number;
}

/**
 * Signs a ticket for `openid`.
 * @throws VoiceError UNAUTHENTICATED without an openid or a key
 */
export async function signTicket(
  openid: string,
  keys: TicketKeys,
  { nowMs = Date.now(), ttlMs = TICKET_TTL_MS }: { nowMs?: number; ttlMs?: number } = {},
): Promise<Ticket> {
  const [kid, key] = [...keys][0] ?? [];
  if (!openid || !kid || !key) throw new VoiceError('UNAUTHENTICATED');
  const issued = Math.floor(nowMs / 1000);
  const expires = issued + Math.floor(ttlMs / 1000);
  const ticket = await new SignJWT()
    .setProtectedHeader({ alg: ALGORITHM, kid, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(openid)
    .setIssuedAt(issued)
    .setExpirationTime(expires)
    .sign(key);
  return { ticket, expiresAt: expires * 1000, now: nowMs };
}

export interface TicketClaims {
  /** Of the ticket's user, never empty. */
  openid: string;
  /** By the signer's clock, epoch ms. */
  expiresAtMs: number;
}

/**
 * Verifies a ticket.
 * @returns the openid of its user, never empty
 * @throws VoiceError UNAUTHENTICATED (none), TICKET_EXPIRED, TICKET_INVALID (anything else)
 */
export const verifyTicket = async (
  ticket: unknown,
  keys: TicketKeys,
  options: { nowMs?: number } = {},
): Promise<string> => (await readTicket(ticket, keys, options)).openid;

/** As {@link verifyTicket}, with the time until which the ticket holds. */
export async function readTicket(
  ticket: unknown,
  keys: TicketKeys,
  { nowMs = Date.now() }: { nowMs?: number } = {},
): Promise<TicketClaims> {
  if (ticket === undefined || ticket === null || ticket === '') throw new VoiceError('UNAUTHENTICATED');
  if (typeof ticket !== 'string' || ticket.length > 2_000) throw new VoiceError('TICKET_INVALID');
  try {
    const { payload } = await jwtVerify(
      ticket,
      ({ kid }) => {
        const key = keys.get(kid ?? '');
        if (!key) throw new Error('unknown kid');
        return key;
      },
      {
        algorithms: [ALGORITHM],
        audience: AUDIENCE,
        issuer: ISSUER,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: TICKET_LEEWAY_MS / 1000,
        currentDate: new Date(nowMs),
      },
    );
    if (!payload.sub) throw new Error('no subject');
    return { openid: payload.sub, expiresAtMs: (payload.exp ?? 0) * 1000 };
  } catch (error) {
    const expired = (error as { code?: unknown }).code === 'ERR_JWT_EXPIRED';
    throw new VoiceError(expired ? 'TICKET_EXPIRED' : 'TICKET_INVALID', { cause: error });
  }
}
