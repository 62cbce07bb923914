import type { Ticket } from '../../../contract/ticket.ts';

/**
 * A ticket (`auth.ticket` of the handshake: docs/protocol.md), or a function that fetches one. A text is used for one connection and
 * fetched anew for the next; a {@link Ticket} is kept until shortly before it expires.
 */
export type TicketSource = string | (() => Promise<string | Ticket>);

/** What `TicketCache` calls. A text has no known lifetime: it counts as expired at once, so that it is not kept. */
export const ticketFetcher = (source: TicketSource) => async (): Promise<Ticket> => {
  const given = typeof source === 'function' ? await source() : source;
  return typeof given === 'string' ? { ticket: given, expiresAt: 0, now: 0 } : given;
};
