import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { VoiceError } from '../../../contract/errors.ts';
import { TICKET_LEEWAY_MS } from '../../../contract/limits.ts';
import { readTicket, type TicketKeys, verifyTicket } from '../../../contract/ticket.ts';
import type { Clock } from '../../../lib/clock.ts';

export interface Identity {
  /** The handshake's ticket, from `auth`, the query or the header `Authorization`. */
  ticket: unknown;
  /** `X-WX-OPENID`, where the deployment trusts it. */
  trustedOpenid: string | undefined;
}

export type Authenticate = (token: string | undefined) => Promise<string>;

/** A short keyed hash of an openid, for logs. @param keys the first of them is used */
export function userHasher(keys: TicketKeys): (openid: string) => string {
  const [key] = keys.values();
  return (openid) =>
    createHmac('sha256', key ?? '')
      .update(openid)
      .digest('hex')
      .slice(0, 12);
}

const BEARER = /^Bearer +(\S+) *$/i;

/**
 * Reads what a handshake says of the caller: `auth.ticket` (Socket.IO 3 and later), or `?ticket=` (Socket.IO 2 and WebSocket
 * clients), or `Authorization: Bearer` (clients that may set headers, which browsers may not), in this order.
 */
export function identityOf(request: IncomingMessage, authTicket: unknown, trustWxHeaders: boolean): Identity {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket');
  const bearer = BEARER.exec(request.headers.authorization ?? '')?.[1];
  const header = request.headers['x-wx-openid'];
  const openid = trustWxHeaders && request.headers['x-wx-source'] && typeof header === 'string' ? header : '';
  return { ticket: authTicket ?? query ?? bearer, trustedOpenid: openid || undefined };
}

/**
 * Decides who the caller is: the handshake's ticket, a trusted header, or the token that `start` carries, in this
 * order. A `userId` from the client is never asked.
 */
export function authenticator(identity: Identity, keys: TicketKeys, clock: Clock): Authenticate {
  const handshake =
    identity.ticket === undefined ? undefined : readTicket(identity.ticket, keys, { nowMs: clock.now() });
  handshake?.catch(() => {});
  return async (token) => {
    if (handshake) {
      const { openid, expiresAtMs } = await handshake;
      if (clock.now() <= expiresAtMs + TICKET_LEEWAY_MS) return openid;
      // The connection has outlived its ticket: a new one may come with `start`.
      if (token === undefined) throw new VoiceError('TICKET_EXPIRED');
    }
    if (identity.trustedOpenid) return identity.trustedOpenid;
    if (token === undefined) throw new VoiceError('UNAUTHENTICATED');
    return verifyTicket(token, keys, { nowMs: clock.now() });
  };
}
