import { VoiceError } from '../contract/errors.ts';
import { TICKET_LEEWAY_MS } from '../contract/limits.ts';

/** A ticket of the simulation: who, and until when (epoch ms). The signature's library works on threads, so it is left out. */
export const ticketOf = (openid: string, expiresAtMs: number): string => `${openid}|${expiresAtMs}`;

/** Whoever means no good. */
export const HOSTILE_OPENID = 'o-hostile';

/** Whether it is the ticket of such a caller. */
export const isHostile = (ticket: unknown): boolean =>
  typeof ticket !== 'string' || ticket.startsWith(`${HOSTILE_OPENID}|`);

/** As `readTicket` of the contract. @throws VoiceError UNAUTHENTICATED, TICKET_INVALID, TICKET_EXPIRED */
function read(ticket: unknown, nowMs: number): { openid: string; expiresAtMs: number } {
  if (ticket === undefined || ticket === null || ticket === '') throw new VoiceError('UNAUTHENTICATED');
  const [openid, expires] = typeof ticket === 'string' ? ticket.split('|') : [];
  const expiresAtMs = Number(expires);
  if (!openid || !Number.isSafeInteger(expiresAtMs)) throw new VoiceError('TICKET_INVALID');
  if (nowMs > expiresAtMs + TICKET_LEEWAY_MS) throw new VoiceError('TICKET_EXPIRED');
  return { openid, expiresAtMs };
}

/**
 * As `authenticator` of the container's transports.
 * @param handshake the ticket that came with the connection; undefined: none
 * @throws VoiceError where that ticket is refused
 */
export function authenticatorFor(
  handshake: unknown,
  now: () => number,
): (token: string | undefined) => Promise<string> {
  const known = handshake === undefined ? undefined : read(handshake, now());
  return async (token) => {
    if (known && now() <= known.expiresAtMs + TICKET_LEEWAY_MS) return known.openid;
    if (known && token === undefined) throw new VoiceError('TICKET_EXPIRED');
    return read(token, now()).openid;
  };
}
