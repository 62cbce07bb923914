import { TICKET_REFRESH_MS } from '../../contract/limits.ts';
import type { Ticket } from '../../contract/ticket.ts';
import type { Clock } from '../../lib/clock.ts';

/** Where a connection takes its ticket from. */
export interface Tickets {
  /** A ticket that is good for a while. @throws VoiceError, LocalError */
  get(): Promise<string>;
  /** The server did not take it: the next `get` fetches a new one. */
  invalidate(ticket: string): void;
}

interface Held {
  ticket: string;
  /** By this device's clock, counted from before the request: never later than the truth. */
  goodUntil: number;
}

/**
 * Fetches tickets and keeps one until shortly before its end. A phone's clock may be wrong by hours, so the ticket's life
 * is what its signer says (`expiresAt - now`), and only that difference is laid on this device's clock.
 */
export class TicketCache implements Tickets {
  readonly #fetch: () => Promise<Ticket>;
  readonly #clock: Clock;
  #held: Held | null = null;
  #coming: Promise<string> | null = null;

  constructor(fetch: () => Promise<Ticket>, clock: Clock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  get(): Promise<string> {
    const leftMs = (this.#held?.goodUntil ?? 0) - this.#clock.now();
    if (this.#held && leftMs > TICKET_REFRESH_MS) return Promise.resolve(this.#held.ticket);
    this.#coming ??= this.#renew().finally(() => {
      this.#coming = null;
    });
    return this.#coming;
  }

  invalidate(ticket: string): void {
    if (this.#held?.ticket === ticket) this.#held = null;
  }

  async #renew(): Promise<string> {
    const askedAt = this.#clock.now();
    try {
      const { ticket, expiresAt, now } = await this.#fetch();
      this.#held = { ticket, goodUntil: askedAt + (expiresAt - now) };
      return ticket;
    } catch (error) {
      if (this.#held && this.#held.goodUntil > this.#clock.now()) return this.#held.ticket;
      throw error;
    }
  }
}
