import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { GOOD_MANNERS, Lane, type LinkManners } from './lane.ts';

/** A request's first line and headers come within so many bytes. */
const MAX_LABEL_BYTES = 8_192;

/** One connection through a proxy. */
export interface ProxiedConnection {
  readonly openedAt: number;
  /** What its first bytes say that it is, by the proxy's `labelOf`. */
  readonly label: string;
  readonly open: boolean;
  /** Taken and not passed on yet, both ways. */
  readonly heldBytes: number;
}

export interface ProxyEvents {
  opened?(connection: ProxiedConnection): void;
  closed?(connection: ProxiedConnection): void;
}

export interface ProxyInit extends ProxyEvents {
  /** Where it leads, on 127.0.0.1. */
  targetPort: number;
  random: () => number;
  /** Reads a connection's label from its first bytes. */
  labelOf?: (head: string) => string;
}

/** A link that can be made bad: TCP in the middle, knowing nothing of what goes through. */
export class FaultProxy {
  readonly #init: ProxyInit;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #manners: LinkManners = GOOD_MANNERS;
  #refusing = false;

  private constructor(init: ProxyInit) {
    this.#init = init;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

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

  /** How all connections behave from now on, those to come included. */
  behave(manners: Partial<LinkManners>): void {
    this.#manners = { ...GOOD_MANNERS, ...manners };
    for (const pair of this.#pairs) pair.move();
  }

  /** New connections are reset at once. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  /** Resets connections: all, or one. */
  drop(only?: ProxiedConnection): void {
    for (const pair of this.#pairs) if (!only || pair === only) pair.reset();
  }

  /** Of the next piece that comes a part is passed on, then the connection is reset. */
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
    if (this.#refusing) {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const { targetPort, random, labelOf } = this.#init;
    const pair = new Pair(client, connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true }), {
      manners: () => this.#manners,
      random,
      labelOf,
      labelled: () => this.#init.opened?.(pair),
      closed: () => {
        this.#pairs.delete(pair);
        this.#init.closed?.(pair);
      },
    });
    this.#pairs.add(pair);
  }
}

class Pair implements ProxiedConnection {
  readonly openedAt = Date.now();
  label = '';
  open = true;
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #up: Lane;
  readonly #down: Lane;

  constructor(
    client: Socket,
    target: Socket,
    init: {
      manners: () => LinkManners;
      random: () => number;
      labelOf: ((head: string) => string) | undefined;
      labelled: () => void;
      closed: () => void;
    },
  ) {
    this.#client = client;
    this.#target = target;
    client.setNoDelay(true);
    target.setNoDelay(true);
    client.once('data', (head) => {
      this.label = init.labelOf?.(head.toString('latin1', 0, MAX_LABEL_BYTES)) ?? '';
      init.labelled();
    });
    this.#up = new Lane(client, target, init.manners, init.random);
    this.#down = new Lane(target, client, init.manners, init.random);
    const over = (): void => {
      if (!this.open) return;
      this.open = false;
      this.#up.close();
      this.#down.close();
      init.closed();
    };
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      socket.on('error', () => other.resetAndDestroy());
      socket.on('close', () => {
        if (!other.destroyed) other.destroySoon();
        over();
      });
    }
  }

  get heldBytes(): number {
    return this.#up.heldBytes + this.#down.heldBytes;
  }

  move(): void {
    this.#up.move();
    this.#down.move();
  }

  cut(direction: 'up' | 'down'): void {
    (direction === 'up' ? this.#up : this.#down).cutNext(() => setImmediate(() => this.reset()));
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#target.resetAndDestroy();
  }
}
