import { Connection } from './connection.ts';
import { connectContainer } from './dialers/connect-container.ts';
import { connectSocket } from './dialers/connect-socket.ts';
import type { AnyEvents } from './events.ts';
import { NamespaceClient } from './namespace-client.ts';
import type { ConnectionOptions } from './options.ts';
import type { SocketOptions } from './socket.ts';

export interface ClientOptions extends Partial<ConnectionOptions>, SocketOptions {
  /** Namespace to join. Default `/`. */
  namespace?: string | undefined;
  /** Connect at once instead of at `connect()`. Default false. */
  autoConnect?: boolean | undefined;
}

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
export class CloudBaseSocketIOClient<L = AnyEvents, E = L> extends NamespaceClient<L, E> {
  /** Dialers, for the `dial` option. */
  static readonly connectContainer = connectContainer;
  static readonly connectSocket = connectSocket;
  /** For code that imports the class as a module's default. */
  static readonly default = CloudBaseSocketIOClient;

  constructor(options: ClientOptions = {}) {
    super(new Connection(options), options.namespace || '/', options);
    if (options.autoConnect) this.open();
  }

  /** Another namespace on the same transport; the same object at every call. It is connected by its `connect()`. */
  of<L2 = AnyEvents, E2 = L2>(namespace: string, options?: SocketOptions): NamespaceClient<L2, E2> {
    const known = this.io.namespaces.get(namespace);
    return (known || new NamespaceClient(this.io, namespace, options)) as NamespaceClient<L2, E2>;
  }

  /** Bytes that were handed to the runtime and not yet reported as sent. */
  get pendingBytes(): number {
    return this.io.engine ? this.io.engine.pendingBytes : 0;
  }
}
