import { TICKET_REFRESH_MS } from '../../../contract/limits.ts';
import type { Ticket } from '../../../contract/ticket.ts';
import type { Clock } from '../../../lib/clock.ts';

/** Source of the tickets that connections are authenticated with. */
export interface Tickets {
  /**
   * A ticket that is valid for more than {@link TICKET_REFRESH_MS}, or less where no newer one can be fetched.
   * @throws VoiceError, LocalError
   */
  get(): Promise<string>;
  /** The server refused it: the next `get` fetches a new one. */
  invalidate(ticket: string): void;
}

interface CachedTicket {
  ticket: string;
  /** Epoch ms by this device's clock, counted from before the request, so never later than the true expiry. */
  validUntil: number;
}

/**
 * Fetches tickets and caches one until shortly before it expires. A phone's clock may be wrong by hours, so the lifetime is
 * computed from the signer's own times (`expiresAt - now`) and added to this device's clock.
 */
export class TicketCache implements Tickets {
  readonly #fetch: () => Promise<Ticket>;
  readonly #clock: Clock;
  #cached: CachedTicket | null = null;
  #pending: Promise<string> | null = null;

  constructor(fetch: () => Promise<Ticket>, clock: Clock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  get(): Promise<string> {
    const leftMs = (this.#cached?.validUntil ?? 0) - this.#clock.now();
    if (this.#cached && leftMs > TICKET_REFRESH_MS) return Promise.resolve(this.#cached.ticket);
    this.#pending ??= this.#fetchNew().finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }

  invalidate(ticket: string): void {
    if (this.#cached?.ticket === ticket) this.#cached = null;
  }

  async #fetchNew(): Promise<string> {
    const askedAt = this.#clock.now();
    try {
      const { ticket, expiresAt, now } = await this.#fetch();
      this.#cached = { ticket, validUntil: askedAt + (expiresAt - now) };
      return ticket;
    } catch (error) {
      if (this.#cached && this.#cached.validUntil > this.#clock.now()) return this.#cached.ticket;
      throw error;
    }
  }
}
