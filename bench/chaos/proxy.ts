import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Forwarder, type LinkConditions, PERFECT_LINK } from './forwarder.ts';

/** A request's first line and headers are expected within this many bytes. */
const MAX_LABEL_BYTES = 8_192;

/** One connection through a proxy. */
export interface ProxiedConnection {
  /** What `labelOf` read from its first bytes; empty before. */
  readonly label: string;
  readonly open: boolean;
  /** Received and not forwarded yet, both directions together. */
  readonly queuedBytes: number;
}

export interface ProxyInit {
  /** Chooses the port on 127.0.0.1 that a new connection leads to; undefined: the connection is reset. */
  target: () => number | undefined;
  random: () => number;
  /** Reads a connection's label from its first bytes. */
  labelOf?: (head: string) => string;
  /** The first bytes have come, the label is known. */
  onOpened?: (connection: ProxiedConnection) => void;
  onClosed?: (connection: ProxiedConnection) => void;
  /** The side that `target` named refused the connection or reset it. */
  onTargetError?: (port: number) => void;
}

/** Forwards TCP connections without looking at their content, and impairs them on request. */
export class FaultProxy {
  readonly #init: ProxyInit;
  readonly #server: Server;
  readonly #pairs = new Set<SocketPair>();
  #conditions: LinkConditions = PERFECT_LINK;
  #refusing = false;

  private constructor(init: ProxyInit) {
    this.#init = init;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(init: ProxyInit): Promise<FaultProxy> {
    const proxy = new FaultProxy(init);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): readonly ProxiedConnection[] {
    return [...this.#pairs];
  }

  /** Sets the conditions of all connections, present and future; what is not given is perfect. */
  setConditions(conditions: Partial<LinkConditions>): void {
    this.#conditions = { ...PERFECT_LINK, ...conditions };
    for (const pair of this.#pairs) pair.flush();
  }

  /** While true, new connections are reset at once. */
  refuseNew(refusing: boolean): void {
    this.#refusing = refusing;
  }

  /** Resets connections: all, or one. */
  drop(only?: ProxiedConnection): void {
    for (const pair of this.#pairs) if (!only || pair === only) pair.reset();
  }

  /** Forwards only a part of the next chunk in this direction, then resets the connection: all, or one. */
  cut(direction: 'up' | 'down', only?: ProxiedConnection): void {
    for (const pair of this.#pairs) if (!only || pair === only) pair.cut(direction);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.drop();
    await closed;
  }

  #accept(client: Socket): void {
    const { target, random, labelOf, onOpened, onClosed, onTargetError } = this.#init;
    const port = this.#refusing ? undefined : target();
    if (port === undefined) {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    upstream.on('error', () => onTargetError?.(port));
    const pair = new SocketPair(client, upstream, {
      conditions: () => this.#conditions,
      random,
      labelOf,
      onLabelled: () => onOpened?.(pair),
      onClosed: () => {
        this.#pairs.delete(pair);
        onClosed?.(pair);
      },
    });
    this.#pairs.add(pair);
  }
}

interface PairInit {
  conditions: () => LinkConditions;
  random: () => number;
  labelOf: ((head: string) => string) | undefined;
  onLabelled: () => void;
  onClosed: () => void;
}

/** The two sockets of a proxied connection; an error or end of one is passed on to the other. */
class SocketPair implements ProxiedConnection {
  label = '';
  open = true;
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #up: Forwarder;
  readonly #down: Forwarder;

  constructor(client: Socket, target: Socket, init: PairInit) {
    this.#client = client;
    this.#target = target;
    client.setNoDelay(true);
    target.setNoDelay(true);
    client.once('data', (head) => {
      this.label = init.labelOf?.(head.toString('latin1', 0, MAX_LABEL_BYTES)) ?? '';
      init.onLabelled();
    });
    this.#up = new Forwarder(client, target, init.conditions, init.random);
    this.#down = new Forwarder(target, client, init.conditions, init.random);
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      socket.on('error', () => other.resetAndDestroy());
      socket.on('close', () => {
        if (!other.destroyed) other.destroySoon();
        this.#close(init.onClosed);
      });
    }
  }

  get queuedBytes(): number {
    return this.#up.queuedBytes + this.#down.queuedBytes;
  }

  flush(): void {
    this.#up.flush();
    this.#down.flush();
  }

  cut(direction: 'up' | 'down'): void {
    (direction === 'up' ? this.#up : this.#down).truncateNext(() => setImmediate(() => this.reset()));
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#target.resetAndDestroy();
  }

  #close(onClosed: () => void): void {
    if (!this.open) return;
    this.open = false;
    this.#up.close();
    this.#down.close();
    onClosed();
  }
}
