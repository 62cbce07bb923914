import type { WireError } from '../../contract/errors.ts';
import type { NAMESPACE as ContractNamespace } from '../../contract/stream.ts';
import { backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { type ClientOptions, CloudBaseSocketIOClient } from '../client/cloudbase-socketio-client.ts';
import { asWireError, readWireError } from './local-errors.ts';
import { BACKOFF, type ErrorOrigin, retryActionOf, WAITS } from './retry.ts';
import type { Tickets } from './ticket.ts';

/** The contract's own constant stands beside schemas that do not belong into a mini-program; the type keeps them equal. */
const NAMESPACE: typeof ContractNamespace = '/realtime-voice';

/** Where the container is, and how it is dialled. */
export type ContainerAddress = Pick<ClientOptions, 'service' | 'env' | 'dial' | 'path' | 'platform'>;

/** Events by name; their arguments are positional, as Socket.IO has them. */
interface Events {
  [event: string]: (...args: unknown[]) => void;
}
export type ContainerClient = CloudBaseSocketIOClient<Events, Events>;
export type CreateClient = (options: ClientOptions) => ContainerClient;

/**
 * Makes Socket.IO clients for the container's namespace.
 * @param addressOf asked at every attempt to connect: people may change the settings
 */
export const containerClient =
  (addressOf: () => ContainerAddress): CreateClient =>
  (options) => {
    const client: ContainerClient = new CloudBaseSocketIOClient({
      ...addressOf(),
      ...options,
      namespace: NAMESPACE,
    });
    client.onInternal('reconnect_attempt', () => void Object.assign(client.io.options, addressOf()));
    return client;
  };

/** What became of a request that wanted an acknowledgement. */
export type Outcome = { answered: true; answer: unknown } | { answered: false };

/** Sends on one connection. Once that is lost, nothing is sent and no answer is delivered any more. */
export interface Port {
  emit(event: string, ...args: unknown[]): void;
  /**
   * Sends and waits for the acknowledgement. `done` is called in the turn in which it arrives (not in a later microtask):
   * what was sent behind the answer must be handled behind it.
   */
  request(event: string, args: unknown[], timeoutMs: number, done: (outcome: Outcome) => void): void;
}

export interface ConnectionDeps {
  createClient: CreateClient;
  tickets: Tickets;
  clock: Clock;
  /** 0 … 1. */
  random: () => number;
}

export interface ConnectionHandlers {
  /** The namespace accepted us. */
  connected(port: Port): void;
  /** The connection is lost, and made again by itself. `reason`: as Socket.IO names it, `DRAINING`, or what `reconnect` was given. */
  disconnected(reason: string): void;
  event(name: string, payload: unknown): void;
  /** Trying again would not help; the connection is closed. */
  failed(error: WireError): void;
  /** `attempt` changed. */
  attempting(): void;
}

/** `draining`: connected, and the instance has said that it goes away. `waiting`: for the next attempt. */
type Phase = 'closed' | 'connecting' | 'connected' | 'draining' | 'waiting';

interface Wait {
  /** Without backoff, this time. */
  atOnce?: boolean;
  /** What the server asked for. */
  leastMs?: number;
}

/**
 * Keeps one recording connected, by the client's own reconnection: a fresh ticket at every connection (`auth`), and the wait
 * that the last error calls for (`reconnect(delay)`). The client itself waits for the app to be shown and for the network.
 * The attempt number goes back to 0 only by `worked`: a server that accepts and then closes is no success.
 */
export class ContainerConnection {
  readonly #deps: ConnectionDeps;
  readonly #handlers: ConnectionHandlers;
  #client: ContainerClient | null = null;
  #phase: Phase = 'closed';
  #port: Port | null = null;
  #attempt = 0;
  #ticket = '';
  /** The last connection was the first with its ticket. */
  #ticketIsNew = false;
  /** Of the attempt while connecting, of the instance's departure while draining. */
  #cancelTimer: () => void = () => {};

  constructor(deps: ConnectionDeps, handlers: ConnectionHandlers) {
    this.#deps = deps;
    this.#handlers = handlers;
  }

  /** Attempts since something last worked; 0 while all is well. */
  get attempt(): number {
    return this.#attempt;
  }

  open(): void {
    if (this.#phase !== 'closed') return;
    this.#attempt = 0;
    const { createClient, clock, random } = this.#deps;
    const auth = async (): Promise<{ ticket: string }> => ({ ticket: await this.#takeTicket() });
    // No timeout of its own: ours covers the ticket and the namespace too.
    const client = createClient({ auth, clock, random, timeout: false });
    this.#client = client;
    this.#listen(client);
    this.#connecting();
    client.open();
    void this.#fetchTicketEarly(client);
  }

  close(): void {
    this.#enter('closed');
    const client = this.#client;
    this.#client = null;
    client?.disconnect();
  }

  /** Something moved on: the next loss begins with short waits again. */
  worked(): void {
    if (this.#attempt === 0) return;
    this.#attempt = 0;
    this.#handlers.attempting();
  }

  /**
   * The instance goes away: it closes the connection at its next commit, which spares the open sentence a replay, or at its
   * deadline. The next connection is made at once then.
   */
  draining(deadlineMs: number): void {
    if (this.#phase !== 'connected') return;
    this.#enter('draining');
    this.#cancelTimer = this.#deps.clock.after(deadlineMs + WAITS.DRAIN_MARGIN_MS, () =>
      this.#lost('DRAINING'),
    );
  }

  /** Gives this connection up and makes another one. */
  reconnect(reason: string): void {
    this.#lost(reason);
  }

  /** Acts on a refusal: connects again as its code says, or fails. */
  refused(error: WireError, origin: ErrorOrigin): void {
    const action = retryActionOf(error, origin);
    if (action === 'fail') {
      this.#fail(error);
      return;
    }
    if (action === 'ticket') this.#deps.tickets.invalidate(this.#ticket);
    // The first new ticket needs no wait, and neither does the first move to another instance.
    const atOnce = (action === 'ticket' || action === 'move') && this.#attempt === 0;
    this.#lost(error.code, { atOnce, leastMs: error.retryAfterMs ?? 0 });
  }

  #listen(client: ContainerClient): void {
    const current = () => client === this.#client;
    client.onInternal('reconnect_attempt', () => {
      if (current()) this.#connecting();
    });
    client.onInternal('connect', () => {
      if (current()) this.#connected(client);
    });
    client.onInternal('disconnect', (reason) => {
      if (current()) this.#lost(reason);
    });
    client.onInternal('connect_error', (error) => {
      if (current()) this.#connectError(error);
    });
    client.onAny((event, payload) => {
      if (current() && this.#port) this.#handlers.event(event, payload);
    });
  }

  #enter(phase: Phase): void {
    this.#cancelTimer();
    this.#phase = phase;
    if (phase !== 'connected' && phase !== 'draining') this.#port = null;
  }

  #connecting(): void {
    this.#enter('connecting');
    this.#cancelTimer = this.#deps.clock.after(WAITS.CONNECT_MS, () => this.#lost('connect timeout'));
  }

  #connected(client: ContainerClient): void {
    this.#enter('connected');
    const port = portOf(client, () => port === this.#port);
    this.#port = port;
    this.#handlers.connected(port);
  }

  /** The connection, or the attempt to make it, is over. */
  #lost(reason: string, wait: Wait = {}): void {
    const client = this.#client;
    // Already waiting: another sign of the same loss, or the echo of our own `reconnect`.
    if (!client || this.#phase === 'waiting') return;
    const draining = this.#phase === 'draining';
    const wasConnected = this.#port !== null;
    this.#enter('waiting');
    // What the client kept for its return would go out ahead of the next `start`.
    client.sendBuffer = [];
    if (wasConnected) this.#handlers.disconnected(draining ? 'DRAINING' : reason);
    // A handler may have closed it.
    if (client !== this.#client) return;
    this.#attempt += 1;
    this.#handlers.attempting();
    const atOnce = draining || wait.atOnce;
    const leastMs = draining ? 0 : (wait.leastMs ?? 0);
    client.reconnect(
      Math.max(atOnce ? 0 : backoffMs(BACKOFF, this.#attempt - 1, this.#deps.random), leastMs),
    );
  }

  #connectError(error: Error & { code?: string; data?: unknown; context?: unknown }): void {
    if (error.code === 'auth') {
      const cause = asWireError(error.context);
      if (cause.retriable) this.#lost('no ticket');
      else this.#fail(cause);
      return;
    }
    const refusal = readWireError(error.data);
    if (!refusal) {
      this.#lost(error.message);
      return;
    }
    // A ticket from the cache may have outlived its key: only a new one that is refused is final.
    const stale =
      !this.#ticketIsNew && (refusal.code === 'TICKET_INVALID' || refusal.code === 'UNAUTHENTICATED');
    this.refused(stale ? { ...refusal, code: 'TICKET_EXPIRED' } : refusal, 'start');
  }

  async #takeTicket(): Promise<string> {
    const ticket = await this.#deps.tickets.get();
    this.#ticketIsNew = ticket !== this.#ticket;
    this.#ticket = ticket;
    return ticket;
  }

  /** While the first connection is dialled. Where no ticket can ever be had, it fails without waiting for the container. */
  async #fetchTicketEarly(client: ContainerClient): Promise<void> {
    try {
      await this.#deps.tickets.get();
    } catch (cause) {
      const error = asWireError(cause);
      if (client === this.#client && !error.retriable) this.#fail(error);
    }
  }

  #fail(error: WireError): void {
    this.close();
    this.#handlers.failed(error);
  }
}

const portOf = (client: ContainerClient, current: () => boolean): Port => ({
  emit: (event, ...args) => {
    if (current()) client.emit(event, ...args);
  },
  request: (event, args, timeoutMs, done) => {
    if (!current()) return;
    client.timeout(timeoutMs).emit(event, ...args, (error: Error | null, answer: unknown) => {
      if (current()) done(error ? { answered: false } : { answered: true, answer });
    });
  },
});
