import type { WireError } from '../../contract/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import { asWireError } from './local-errors.ts';
import { backoffMs, type During, verdictOf, WAITS } from './retry.ts';
import type { Tickets } from './ticket.ts';
import type { Connection, Dial } from './transport.ts';

export interface LinkDeps {
  dial: Dial;
  tickets: Tickets;
  clock: Clock;
  /** 0 … 1. */
  random: () => number;
}

export interface LinkHandlers {
  /** A connection is there. */
  up(connection: Connection): void;
  /** It is gone; the link dials again by itself. */
  down(reason: string): void;
  event(name: string, payload: unknown): void;
  /** Trying again would not help; the link is closed. */
  failed(error: WireError): void;
  /** The attempt number changed. */
  attempting(attempt: number): void;
}

/**
 * Keeps one connection open until `close`: tickets, dialling, backoff. It knows nothing of audio. The attempt number goes
 * back to 0 only by {@link Link.worked}: a server that accepts and then closes is not a success.
 */
export class Link {
  readonly #deps: LinkDeps;
  readonly #handlers: LinkHandlers;
  #attempt = 0;
  /** Raised by every change of plan: what belongs to an older one is ignored. */
  #plan = 0;
  #wanted = false;
  #up = false;
  #connection: Connection | null = null;
  #ticket = '';
  #cancelTimer: () => void = () => {};
  #waiting = false;
  #leaving = false;

  constructor(deps: LinkDeps, handlers: LinkHandlers) {
    this.#deps = deps;
    this.#handlers = handlers;
  }

  /** Attempts since something last worked; 0 while all is well. */
  get attempt(): number {
    return this.#attempt;
  }

  open(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#attempt = 0;
    void this.#dial();
  }

  close(): void {
    this.#wanted = false;
    this.#leaving = false;
    this.#drop();
  }

  /** Something moved on: the next drop begins with short waits again. */
  worked(): void {
    if (this.#attempt === 0) return;
    this.#attempt = 0;
    this.#handlers.attempting(0);
  }

  /** The network is back, or the app is in front again: no reason to wait any longer. */
  wake(): void {
    if (this.#wanted && this.#waiting) void this.#dial();
  }

  /**
   * This instance goes away: it closes the connection at its next commit, which spares the open sentence a replay,
   * or at its deadline. The next connection is made at once then.
   */
  leaving(deadlineMs: number): void {
    if (!this.#up || this.#leaving) return;
    this.#leaving = true;
    this.#cancelTimer = this.#deps.clock.after(deadlineMs + WAITS.LEAVE_MARGIN_MS, () => this.#move());
  }

  #move(): void {
    this.#leaving = false;
    this.again('DRAINING', { atOnce: true });
  }

  /**
   * Gives this connection up and dials again.
   * @param wait `atOnce`: this time without backoff; `leastMs`: what the server asked for
   */
  again(reason: string, wait: { atOnce?: boolean; leastMs?: number } = {}): void {
    if (!this.#wanted) return;
    if (this.#leaving) {
      this.#move();
      return;
    }
    const wasUp = this.#up;
    this.#drop();
    if (wasUp) this.#handlers.down(reason);
    if (!this.#wanted || this.#waiting) return;
    this.#attempt += 1;
    this.#handlers.attempting(this.#attempt);
    const backoff = wait.atOnce ? 0 : backoffMs(this.#attempt, this.#deps.random());
    const ms = Math.max(backoff, wait.leastMs ?? 0);
    this.#waiting = true;
    this.#cancelTimer = this.#deps.clock.after(ms, () => void this.#dial());
  }

  /** Acts on a refusal: dials again as its code says, or fails. */
  refused(error: WireError, during: During): void {
    const verdict = verdictOf(error, during);
    if (verdict === 'fail') {
      this.#fail(error);
      return;
    }
    if (verdict === 'ticket') this.#deps.tickets.invalidate(this.#ticket);
    // The first new ticket needs no wait, and neither does the first move to another instance.
    const atOnce = (verdict === 'ticket' || verdict === 'move') && this.#attempt === 0;
    this.again(error.code, { atOnce, leastMs: error.retryAfterMs ?? 0 });
  }

  async #dial(): Promise<void> {
    this.#drop();
    const plan = this.#plan;
    const current = () => plan === this.#plan;
    this.#cancelTimer = this.#deps.clock.after(WAITS.CONNECT_MS, () => this.again('connect timeout'));
    let ticket: string;
    try {
      ticket = await this.#deps.tickets.get();
    } catch (cause) {
      if (!current()) return;
      const error = asWireError(cause);
      if (error.retriable) this.again('no ticket');
      else this.#fail(error);
      return;
    }
    if (!current()) return;
    const renewed = ticket !== this.#ticket;
    this.#ticket = ticket;
    this.#connection = this.#deps.dial(ticket, {
      opened: () => {
        if (!current() || !this.#connection) return;
        this.#cancelTimer();
        this.#up = true;
        this.#handlers.up(this.#connection);
      },
      refused: (error, reason) => {
        if (!current()) return;
        // A ticket from the cache may have outlived its key: only a new one that is refused is a verdict.
        const stale = !renewed && (error?.code === 'TICKET_INVALID' || error?.code === 'UNAUTHENTICATED');
        if (error) this.refused(stale ? { ...error, code: 'TICKET_EXPIRED' } : error, 'start');
        else this.again(reason);
      },
      closed: (reason) => {
        if (current()) this.again(reason);
      },
      event: (name, payload) => {
        if (current() && this.#up) this.#handlers.event(name, payload);
      },
    });
  }

  #fail(error: WireError): void {
    this.close();
    this.#handlers.failed(error);
  }

  #drop(): void {
    this.#plan += 1;
    this.#cancelTimer();
    this.#waiting = false;
    this.#up = false;
    this.#connection?.close();
    this.#connection = null;
  }
}
