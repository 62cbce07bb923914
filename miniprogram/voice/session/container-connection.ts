import { type ClientOptions, CloudBaseSocketIOClient } from 'cloudbase-socketio-client/client';
import type { WireError } from '../../../contract/errors.ts';
import type { NAMESPACE as ContractNamespace } from '../../../contract/stream.ts';
import { backoffMs } from '../../../lib/backoff.ts';
import type { Clock } from '../../../lib/clock.ts';
import { stateTable } from '../../../lib/state-table.ts';
import { readWireError, wireErrorOf } from './local-errors.ts';
import { BACKOFF, type ErrorOrigin, retryActionOf, TIMEOUTS } from './retry.ts';
import type { Tickets } from './ticket.ts';

/** Importing the contract's constant would bring its schema library into the mini-program; the type keeps the two equal. */
const NAMESPACE: typeof ContractNamespace = '/realtime-voice';

/** Where the container is, and how it is dialled. */
export type ContainerAddress = Pick<ClientOptions, 'service' | 'env' | 'dial' | 'path' | 'platform'>;

/** Events by name; their arguments are positional, as Socket.IO has them. */
interface Events {
  [event: string]: (...args: unknown[]) => void;
}
/** A Socket.IO client for the container's namespace. */
export type ContainerClient = CloudBaseSocketIOClient<Events, Events>;
/** Makes a client with these options, which take precedence over the address. */
export type CreateClient = (options: ClientOptions) => ContainerClient;

/**
 * Makes Socket.IO clients for the container's namespace.
 * @param addressOf read at every attempt to connect, since the user may change the settings
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

/** Result of a request: the acknowledgement, or none in time. */
export type RequestOutcome = { answered: true; answer: unknown } | { answered: false };

/** Sends on one connection. Once that is lost, nothing is sent and no answer is delivered any more. */
export interface Channel {
  emit(event: string, ...args: unknown[]): void;
  /**
   * Sends and waits for the acknowledgement. `done` is called in the turn in which it arrives (not in a later microtask):
   * what was sent behind the answer must be handled behind it.
   */
  request(event: string, args: unknown[], timeoutMs: number, done: (outcome: RequestOutcome) => void): void;
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
  connected(channel: Channel): void;
  /** The connection is lost and will be made again. `reason`: Socket.IO's, an error code, or the argument of `reconnect`. */
  disconnected(reason: string): void;
  event(name: string, payload: unknown): void;
  /** A permanent error; the connection is closed. */
  failed(error: WireError): void;
  /** `attempt` changed. */
  attempting(): void;
  /** The container has refused the connection or the session for the moment; it is tried again. Told after `disconnected`. */
  retrying(error: WireError): void;
}

/** `draining`: connected, and the instance has announced that it shuts down. `waiting`: for the next attempt. */
type ConnectionState = 'closed' | 'connecting' | 'connected' | 'draining' | 'waiting';
/**
 * `attempt`: the client dials again. `connected`: the namespace accepted us. `draining`: the container announced its shutdown.
 * `lost`: the connection, or the attempt to make it, has ended or is given up.
 */
type ConnectionEvent = 'open' | 'attempt' | 'connected' | 'draining' | 'lost' | 'close';

// biome-ignore format: read as a table
export const CONNECTION_TABLE = stateTable<ConnectionState, ConnectionEvent, ConnectionState | 'none'>(
             ['closed',     'connecting', 'connected', 'draining', 'waiting'], {
  open:      ['connecting', 'none',       'none',      'none',     'none'],
  attempt:   ['none',       'connecting', 'none',      'none',     'connecting'],
  connected: ['none',       'connected',  'none',      'none',     'none'],
  draining:  ['none',       'none',       'draining',  'none',     'none'],
  // In `waiting` it is another sign of the same loss, or the client's report of our own `reconnect`.
  lost:      ['none',       'waiting',    'waiting',   'waiting',  'none'],
  close:     ['closed',     'closed',     'closed',    'closed',   'closed'],
});

/** Changes the delay before the next attempt. */
interface Delay {
  /** Without backoff, this time. */
  immediate?: boolean;
  /** At least this long, as the server asked. */
  minMs?: number;
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
  #state: ConnectionState = 'closed';
  /** Of the present connection; null in the states that have none. */
  #channel: Channel | null = null;
  #attempt = 0;
  #ticket = '';
  /** The last connection was the first with its ticket. */
  #ticketIsNew = false;
  /** Timeout of the attempt while connecting, of the instance's shutdown while draining. */
  #cancelTimer: () => void = () => {};

  constructor(deps: ConnectionDeps, handlers: ConnectionHandlers) {
    this.#deps = deps;
    this.#handlers = handlers;
  }

  /** Attempts since something last worked; 0 while all is well. */
  get attempt(): number {
    return this.#attempt;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  open(): void {
    if (!this.#apply('open', 'open')) return;
    this.#attempt = 0;
    const { createClient, clock, random } = this.#deps;
    const auth = async (): Promise<{ ticket: string }> => ({ ticket: await this.#takeTicket() });
    // Without the client's timeout, which covers the handshake only: ours includes the ticket and the namespace.
    const client = createClient({ auth, clock, random, timeout: false });
    this.#client = client;
    this.#listen(client);
    this.#limitAttempt();
    client.open();
    void this.#fetchTicketEarly(client);
  }

  close(): void {
    this.#apply('close', 'close');
    const client = this.#client;
    this.#client = null;
    client?.disconnect();
  }

  /** Audio or text made progress: the next loss begins with short waits again. */
  worked(): void {
    if (this.#attempt === 0) return;
    this.#attempt = 0;
    this.#handlers.attempting();
  }

  /**
   * The instance shuts down: it closes the connection at its next commit (so that the open sentence need not be sent again), or
   * at its deadline. The next connection is then made without a wait.
   */
  draining(deadlineMs: number): void {
    if (!this.#apply('draining', 'draining')) return;
    this.#cancelTimer = this.#deps.clock.after(deadlineMs + TIMEOUTS.DRAIN_MARGIN_MS, () =>
      this.#lost('DRAINING'),
    );
  }

  /** Ends this connection and makes another one. */
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
    // The first attempt with a new ticket, and the first at another instance, need no wait.
    const immediate = (action === 'ticket' || action === 'move') && this.#attempt === 0;
    this.#lost(error.code, { immediate, minMs: error.retryAfterMs ?? 0 });
    if (action === 'reconnect' && origin === 'start') this.#handlers.retrying(error);
  }

  #listen(client: ContainerClient): void {
    const current = () => client === this.#client;
    client.onInternal('reconnect_attempt', () => {
      if (current() && this.#apply('attempt', 'attempt')) this.#limitAttempt();
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
      if (current() && this.#channel) this.#handlers.event(event, payload);
    });
  }

  /**
   * The only place where the state changes.
   * @param reason passed to the handler `disconnected` where a connection is lost
   * @returns false where the table gives the event no effect
   */
  #apply(event: ConnectionEvent, reason: string): boolean {
    const next = CONNECTION_TABLE.next(this.#state, event);
    if (next === 'none') return false;
    this.#cancelTimer();
    this.#state = next;
    if (next === 'connected' || next === 'draining') return true;
    const wasConnected = this.#channel !== null;
    this.#channel = null;
    // Events that the client has buffered would be sent ahead of the next `start`.
    if (this.#client) this.#client.sendBuffer = [];
    if (wasConnected && next === 'waiting') this.#handlers.disconnected(reason);
    return true;
  }

  #limitAttempt(): void {
    this.#cancelTimer = this.#deps.clock.after(TIMEOUTS.CONNECT_MS, () => this.#lost('connect timeout'));
  }

  #connected(client: ContainerClient): void {
    if (!this.#apply('connected', 'connected')) return;
    const channel = channelOf(client, () => channel === this.#channel);
    this.#channel = channel;
    this.#handlers.connected(channel);
  }

  /** The connection, or an attempt, has ended: schedules the next attempt. */
  #lost(reason: string, delay: Delay = {}): void {
    const client = this.#client;
    const draining = this.#state === 'draining';
    if (!this.#apply('lost', draining ? 'DRAINING' : reason)) return;
    // The handler of `disconnected` may have closed it.
    if (!client || client !== this.#client) return;
    this.#attempt += 1;
    this.#handlers.attempting();
    const { immediate, minMs = 0 } = draining ? { immediate: true } : delay;
    const backoff = immediate ? 0 : backoffMs(BACKOFF, this.#attempt - 1, this.#deps.random);
    client.reconnect(Math.max(backoff, minMs));
  }

  #connectError(error: Error & { code?: string; data?: unknown; context?: unknown }): void {
    if (error.code === 'auth') {
      const cause = wireErrorOf(error.context);
      if (cause.retriable) this.#lost('no ticket');
      else this.#fail(cause);
      return;
    }
    const refusal = readWireError(error.data);
    if (!refusal) {
      this.#lost(error.message);
      return;
    }
    // A cached ticket may have been signed with a key that is no longer valid: only the refusal of a new one is final.
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

  /** Fetches the ticket while the first connection is dialled, and fails early where the error is permanent. */
  async #fetchTicketEarly(client: ContainerClient): Promise<void> {
    try {
      await this.#deps.tickets.get();
    } catch (cause) {
      const error = wireErrorOf(cause);
      if (client === this.#client && !error.retriable) this.#fail(error);
    }
  }

  #fail(error: WireError): void {
    this.close();
    this.#handlers.failed(error);
  }
}

const channelOf = (client: ContainerClient, current: () => boolean): Channel => ({
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
