import type { ConnectionEvents } from './connection.ts';
import { connectError } from './errors.ts';
import type { AnyEvents, ListenerOf, ReservedEvents } from './events.ts';
import { Socket } from './socket.ts';

type InternalEvent = keyof ReservedEvents | keyof ConnectionEvents;

/** A namespace with a `connect()` that can be awaited and one place to listen to the library itself. */
export class NamespaceClient<L = AnyEvents, E = L> extends Socket<L, E> {
  private waiters: ((error?: Error) => void)[] = [];

  /**
   * Connects. Settles with the first success or failure, at the latest after twice the `timeout` option. After a
   * failure of the transport the attempts go on in the background (`reconnection`); `disconnect()` ends them.
   * @throws ConnectError (rejects) with the codes dial, timeout, transport, refused, auth, closed
   */
  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.connected) return resolve();
      const { timeout, clock } = this.io.options;
      const settle = (error?: Error): void => {
        clock.clearTimeout(timer);
        this.waiters = this.waiters.filter((one) => one !== settle);
        if (error) reject(error);
        else resolve();
      };
      const timer =
        timeout === false
          ? undefined
          : // The transport may take `timeout`, and the namespace as long again.
            clock.setTimeout(() => settle(connectError('timeout', 'timeout')), timeout * 2);
      this.waiters.push(settle);
      this.open();
      // Somebody waits: not for the rest of a backoff.
      this.io.hurry();
    });
  }

  isConnected(): boolean {
    return this.connected;
  }

  /** Listens to the library itself: this namespace's `connect`, `disconnect`, `connect_error`, or the connection's events. */
  onInternal<N extends InternalEvent>(event: N, fn: ListenerOf<ConnectionEvents, ReservedEvents, N>): this {
    this.internal(event).on(event, fn);
    return this;
  }

  /** Takes `onInternal` back: one listener, or all of that name. */
  offInternal<N extends InternalEvent>(event: N, fn?: ListenerOf<ConnectionEvents, ReservedEvents, N>): this {
    this.internal(event).off(event, fn);
    return this;
  }

  protected override settle(error?: Error): void {
    for (const waiter of this.waiters) waiter(error);
  }

  private internal(event: InternalEvent): {
    on(e: string, fn: unknown): void;
    off(e: string, fn: unknown): void;
  } {
    return (/^(dis)?connect(_error)?$/.test(event) ? this : this.io) as never;
  }
}
