import { Backoff } from './backoff.ts';
import { Emitter } from './emitter.ts';
import { Engine, type EngineOwner } from './engine.ts';
import { connectError, type DisconnectReason } from './errors.ts';
import { addressOf, type ConnectionOptions, type Logger, resolveOptions } from './options.ts';
import { describePacket } from './packet-log.ts';
import { Decoder, encodePacket, type Packet } from './socket-codec.ts';

/** A close that comes this soon after the app or the network came back belongs to its absence, ms. */
const RETURN_GRACE_MS = 5000;

/** What a connection knows of a namespace. */
export interface Namespace {
  /** Wants the connection. */
  readonly active: boolean;
  onOpen(): void;
  onPacket(packet: Packet): void;
  onError(error: Error): void;
  onClose(reason: DisconnectReason, details?: unknown): void;
}

export interface ConnectionEvents {
  open: () => void;
  error: (error: Error) => void;
  close: (reason: DisconnectReason, details?: unknown) => void;
  ping: () => void;
  packet: (packet: Packet) => void;
  reconnect_attempt: (attempt: number) => void;
  reconnect: (attempt: number) => void;
  reconnect_error: (error: Error) => void;
  reconnect_failed: () => void;
  /** An event was given up because a buffer was full. */
  drop: (nsp: string, args: readonly unknown[]) => void;
}

/**
 * One transport and its namespaces: opens, reconnects, routes. What socket.io-client calls a Manager.
 * It never holds more than one engine, and hears only that one.
 */
export class Connection extends Emitter<ConnectionEvents> implements EngineOwner {
  /** May be changed at any time; the next attempt reads them. */
  readonly options: ConnectionOptions;
  readonly namespaces = new Map<string, Namespace>();
  readyState: 'closed' | 'opening' | 'open' = 'closed';
  /** From a loss to the next success: waiting for an attempt, or at it. */
  reconnecting = false;
  /** The newest engine, ended ones included. */
  engine: Engine | undefined;
  log: Logger | undefined;

  private backoff: Backoff;
  private decoder: Decoder;
  private openTimer: unknown;
  private retryTimer: unknown;
  /** Closed on purpose: nothing reconnects. */
  private skipReconnect = false;
  private hidden = false;
  private returnedAt = -Infinity;
  private unwatch: (() => void) | undefined;

  constructor(options: Partial<ConnectionOptions>) {
    super();
    this.options = resolveOptions(options);
    this.backoff = new Backoff(this.options, () => this.options.clock.random());
    this.decoder = new Decoder(this.options.maxAttachments);
    if (this.options.debug) this.log = this.options.logger;
  }

  /** Dials unless it is open or being opened. */
  open(): void {
    if (this.readyState !== 'closed') return;
    const { clock, dial, timeout, service, header, env } = this.options;
    this.watch();
    clock.clearTimeout(this.retryTimer);
    this.readyState = 'opening';
    this.skipReconnect = false;
    this.decoder = new Decoder(this.options.maxAttachments);
    if (this.log) this.log(`dial ${service}${this.options.path}`);
    const engine = new Engine(dial, { service, path: addressOf(this.options), header, env }, this, clock);
    this.engine = engine;
    if (timeout !== false)
      this.openTimer = clock.setTimeout(
        () => engine.end('transport error', connectError('timeout', 'timeout')),
        timeout,
      );
  }

  /** Closes for good: no reconnection until somebody opens it again. */
  close(): void {
    this.skipReconnect = true;
    if (this.engine) this.engine.stop();
    this.lose('forced close');
  }

  /** Closes where no namespace wants it any more. */
  closeIfIdle(): void {
    for (const namespace of this.namespaces.values()) if (namespace.active) return;
    this.close();
  }

  /** An attempt is due later: make it now. */
  hurry(): void {
    if (this.reconnecting && this.readyState === 'closed') this.attempt();
  }

  /**
   * True where an event would leave now. An overdue ping ends the connection, but not before the caller is done:
   * its event is kept and sent after the reconnection.
   */
  usable(): boolean {
    const { engine } = this;
    if (engine?.state !== 'open') return false;
    if (engine.expired) Promise.resolve().then(() => engine.end('ping timeout'));
    return !engine.expired;
  }

  /** Tells that an event was given up. */
  drop(nsp: string, args: readonly unknown[]): void {
    if (this.log) this.log(`drop ${nsp} ${args[0]}`);
    this.dispatch(['drop', nsp, args]);
  }

  /** @throws TypeError for data that JSON cannot hold */
  send(packet: Packet): void {
    if (!this.engine) return;
    const attachments: ArrayBuffer[] = [];
    const text = encodePacket(packet, attachments);
    if (this.log) this.log(describePacket('→', packet));
    this.engine.send(text);
    for (const attachment of attachments) this.engine.send(attachment);
  }

  // --- from the engine ----------------------------------------------------------------------------------

  onOpen(): void {
    const { clock } = this.options;
    const attempt = this.reconnecting ? this.backoff.attempts : 0;
    clock.clearTimeout(this.openTimer);
    this.readyState = 'open';
    this.reconnecting = false;
    this.backoff.reset();
    if (this.log && this.engine) this.log(`open ${this.engine.id}`);
    this.tell((namespace) => namespace.onOpen());
    this.dispatch(['open']);
    if (attempt) this.dispatch(['reconnect', attempt]);
  }

  onMessage(data: string | ArrayBuffer): void {
    let packet: Packet | undefined;
    try {
      packet = this.decoder.add(data);
    } catch (error) {
      if (this.engine) this.engine.end('parse error', error);
    }
    if (!packet) return;
    if (this.log) this.log(describePacket('←', packet));
    this.dispatch(['packet', packet]);
    const namespace = this.namespaces.get(packet.nsp);
    if (namespace?.active) namespace.onPacket(packet);
  }

  onPing(): void {
    if (this.log) this.log('ping');
    this.dispatch(['ping']);
  }

  onEnd(reason: DisconnectReason, details?: unknown): void {
    const wasOpen = this.readyState === 'open';
    if (wasOpen && reason !== 'transport error') {
      this.lose(reason, details);
      return;
    }
    const error =
      details instanceof Error ? details : connectError('transport', reason, { context: details });
    if (!wasOpen) this.reset();
    if (this.log) this.log(`error ${error.message}`);
    this.tell((namespace) => namespace.onError(error));
    this.dispatch(['error', error]);
    if (wasOpen) {
      this.lose(reason, error);
      return;
    }
    const again = this.reconnecting;
    this.reconnecting = false;
    // A first failure starts the attempts; after the last of them only a new `open()` does.
    if (again || !this.backoff.attempts) this.reconnect();
    if (again) this.dispatch(['reconnect_error', error]);
  }

  // ------------------------------------------------------------------------------------------------------

  private reset(): void {
    const { clock } = this.options;
    clock.clearTimeout(this.openTimer);
    clock.clearTimeout(this.retryTimer);
    this.readyState = 'closed';
  }

  private lose(reason: DisconnectReason, details?: unknown): void {
    const was = this.readyState;
    this.reset();
    this.backoff.reset();
    this.reconnecting = false;
    if (was !== 'closed') {
      if (this.log) this.log(`close ${reason}`);
      this.tell((namespace) => namespace.onClose(reason, details));
      this.dispatch(['close', reason, details]);
    }
    this.reconnect();
  }

  private tell(what: (namespace: Namespace) => void): void {
    for (const namespace of Array.from(this.namespaces.values())) if (namespace.active) what(namespace);
  }

  private reconnect(): void {
    if (this.readyState !== 'closed' || this.reconnecting) return;
    const { reconnection, reconnectionAttempts, clock } = this.options;
    if (!reconnection || this.skipReconnect) {
      this.rest();
      return;
    }
    if (this.backoff.attempts >= reconnectionAttempts) {
      this.backoff.reset();
      this.rest();
      this.dispatch(['reconnect_failed']);
      return;
    }
    this.reconnecting = true;
    const atOnce = clock.now() - this.returnedAt < RETURN_GRACE_MS;
    this.returnedAt = -Infinity;
    const wait = this.backoff.next();
    // In the background a new socket would be closed again within seconds: `show` makes the attempt.
    if (!this.hidden) this.retryTimer = clock.setTimeout(() => this.attempt(), atOnce ? 0 : wait);
  }

  private attempt(): void {
    this.options.clock.clearTimeout(this.retryTimer);
    if (!this.options.reconnection) {
      this.reconnecting = false;
      this.rest();
      return;
    }
    this.dispatch(['reconnect_attempt', this.backoff.attempts]);
    // A listener may have closed the connection, or opened it.
    if (this.reconnecting) this.open();
  }

  private watch(): void {
    const { platform, clock } = this.options;
    if (this.unwatch || !platform) return;
    const comeBack = (): void => {
      this.returnedAt = clock.now();
      if (this.engine?.expired) this.engine.end('ping timeout');
      if (!this.hidden) this.hurry();
    };
    this.unwatch = platform({
      show: () => {
        this.hidden = false;
        comeBack();
      },
      hide: () => {
        this.hidden = true;
        clock.clearTimeout(this.retryTimer);
      },
      network: (connected) => {
        if (connected) comeBack();
        else if (this.engine) this.engine.end('transport close', { reason: 'network lost' });
      },
    });
  }

  /** Nothing is open and nothing will be: the phone need not tell us anything. */
  private rest(): void {
    if (this.unwatch) this.unwatch();
    this.unwatch = undefined;
    this.hidden = false;
  }
}
