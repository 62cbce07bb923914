import type { ListenerOf } from '../../lib/emitter.ts';
import { Connection } from './connection.ts';
import type { ConnectionEvents } from './connection.types.ts';
import type { CallbackDial } from './dialers/dial.ts';
import { connectContainer, connectSocket } from './dialers/wx-dialers.ts';
import { connectError } from './errors.ts';
import type { AnyEvents, ReservedEvents } from './events.ts';
import type { ConnectionOptions } from './options.ts';
import { BaseSocket, type SocketOptions } from './socket.ts';
import { RESERVED } from './socket-codec.ts';

/** Options of a {@link CloudBaseSocketIOClient}: of its connection, and of its namespace. */
export interface ClientOptions extends Partial<ConnectionOptions>, SocketOptions {
  /** Namespace to join. Default `/`. */
  namespace?: string | undefined;
  /** Connect at once instead of at `connect()`. Default false. */
  autoConnect?: boolean | undefined;
}

/** Names of the events of the library itself: of the namespace, and of its connection. */
export type InternalEvent = keyof ReservedEvents | keyof ConnectionEvents;

/**
 * Socket.IO v5 over `wx.cloud.connectContainer`.
 * @typeParam L events of the server, as an interface of functions
 * @typeParam E events that are emitted; default: the same
 * @example
 * const client = new CloudBaseSocketIOClient({ service: 'realtime-voice', namespace: '/realtime-voice' });
 * client.on('result', (result) => console.log(result.text));
 * await client.connect();
 * client.emit('start', { engine: '16k_zh' }, (answer) => console.log(answer));
 */
export class CloudBaseSocketIOClient<L = AnyEvents, E = L> extends BaseSocket<L, E> {
  /** Dialers, for the `dial` option. */
  static readonly connectContainer: CallbackDial = connectContainer;
  /** `connectSocket('wss://host')` gives the dialer. */
  static readonly connectSocket: (base?: string) => CallbackDial = connectSocket;

  private _waiters: ((error?: Error) => void)[] = [];

  /** @param io the connection to share; `of()` gives it */
  constructor(options: ClientOptions = {}, io: Connection = new Connection(options)) {
    super(io, options.namespace || '/', options);
    if (options.autoConnect) this.open();
  }

  /** Another namespace on the same transport; the same object at every call. It is connected by its `connect()`. */
  of<L2 = AnyEvents, E2 = L2>(namespace: string, options?: SocketOptions): CloudBaseSocketIOClient<L2, E2> {
    return (this.io._namespaces.get(namespace) ||
      new CloudBaseSocketIOClient(Object.assign({ namespace }, options), this.io)) as CloudBaseSocketIOClient<
      L2,
      E2
    >;
  }

  /**
   * Connects. Settles with the first success or failure, at the latest after twice the `timeout` option. After a
   * failure of the transport the attempts go on in the background (`reconnection`); `disconnect()` ends them.
   * @throws ConnectError (rejects) with the codes transport, timeout, refused, auth, closed
   */
  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.connected) return resolve();
      const { timeout, clock } = this.io.options;
      // The transport may take `timeout`, and the namespace as long again.
      const cancelTimer =
        timeout !== false && clock.after(timeout * 2, () => this._settle(connectError('timeout', 'timeout')));
      this._waiters.push((error) => {
        if (cancelTimer) cancelTimer();
        if (error) reject(error);
        else resolve();
      });
      this.open();
      // A caller is waiting: ends the wait for the next attempt.
      this.io._attempt();
    });
  }

  /** As `connected`. */
  isConnected(): boolean {
    return this.connected;
  }

  /** Listens to the library itself: this namespace's `connect`, `disconnect`, `connect_error`, or the connection's events. */
  onInternal<N extends InternalEvent>(event: N, fn: ListenerOf<ConnectionEvents, ReservedEvents, N>): this {
    (RESERVED.includes(event) ? (this as never as Connection) : this.io).on(event as never, fn as never);
    return this;
  }

  /** Removes listeners of `onInternal`: one, or all of that name. */
  offInternal<N extends InternalEvent>(event: N, fn?: ListenerOf<ConnectionEvents, ReservedEvents, N>): this {
    (RESERVED.includes(event) ? (this as never as Connection) : this.io).off(event as never, fn as never);
    return this;
  }

  protected override _settle(error?: Error): void {
    for (const waiter of this._waiters.splice(0)) waiter(error);
  }
}

export { CloudBaseSocketIOClient as default };
