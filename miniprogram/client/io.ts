import { Connection } from './connection.ts';
import { CLOSED } from './connection.types.ts';
import { connectSocket } from './dialers/wx-dialers.ts';
import type { AnyEvents } from './events.ts';
import type { ConnectionOptions } from './options.ts';
import { BaseSocket, type SocketOptions } from './socket.ts';

/** Options of a {@link Manager}. */
export interface ManagerOptions extends Partial<ConnectionOptions> {
  /** Connect at once, and each socket when it is made. Default true. */
  autoConnect?: boolean | undefined;
}

/** Options of {@link io}: of the manager, of the socket, and which manager it shares. */
export interface IoOptions extends ManagerOptions, SocketOptions {
  /** Namespace, where it is not in the address. Default `/`. */
  namespace?: string | undefined;
  /** A manager, and with it a connection, of its own. Default false. */
  forceNew?: boolean | undefined;
  /** False: as `forceNew`. Default true. */
  multiplex?: boolean | undefined;
}

/** `https://host/namespace?name=value`, also with `http`, `ws` and `wss`, or without the host; or options, where `service` names a container. */
export type Target = string | IoOptions;

/** Calls without an argument read an option, others set it for the next attempt. */
export interface OptionAccess<M, T> {
  (): T;
  (value: T): M;
}

const ADDRESS = /^(?:(?:http|ws)(s?):\/\/([^/?#]+))?([^?#]*)(?:\?([^#]*))?/;
/** Options that socket.io-client's Manager has as methods: `reconnection…`, `randomizationFactor`, `timeout`. */
const ACCESSORS = /^reconn|Factor|^timeout/;

/** Options from an address, and those given beside it, which win. */
function optionsOf(target: Target, options?: IoOptions): IoOptions {
  const given: IoOptions = {};
  if (typeof target !== 'string') return Object.assign(given, target, options);
  const [, secure, host, namespace, search] = ADDRESS.exec(target) as unknown as string[];
  given.namespace = namespace || '/';
  // A container is dialled by its name, an address by `wx.connectSocket`.
  if (host) Object.assign(given, { service: `ws${secure}://${host}`, dial: connectSocket() });
  if (search) {
    given.query = {};
    for (const pair of search.split('&')) {
      const [name, value = ''] = pair.split('=').map(decodeURIComponent);
      given.query[name as string] = value;
    }
  }
  return Object.assign(given, options);
}

/** A connection with the face of socket.io-client's Manager. */
export class Manager extends Connection {
  /** Whether it connects again after a loss. */
  declare readonly reconnection: OptionAccess<this, boolean>;
  /** Attempts before `reconnect_failed`. */
  declare readonly reconnectionAttempts: OptionAccess<this, number>;
  /** First wait, ms. */
  declare readonly reconnectionDelay: OptionAccess<this, number>;
  /** Longest wait, ms. */
  declare readonly reconnectionDelayMax: OptionAccess<this, number>;
  /** 0…1: how much each wait is moved at random. */
  declare readonly randomizationFactor: OptionAccess<this, number>;
  /** Ms from the dial to the handshake; false: as long as it takes. */
  declare timeout: OptionAccess<this, number | false>;
  readonly _autoConnect: boolean;

  /** @param target address, or options alone @param options beside an address */
  constructor(target: Target, options?: ManagerOptions) {
    const given = optionsOf(target, options);
    super(given);
    for (const name of Object.keys(this.options).filter((option) => ACCESSORS.test(option)))
      this[name as 'timeout'] = ((value?: number) => {
        if (value === undefined) return this.options[name as 'timeout'];
        this.options[name as 'timeout'] = value;
        return this;
      }) as OptionAccess<this, number | false>;
    this._autoConnect = given.autoConnect !== false;
    if (this._autoConnect) this.open();
  }

  /**
   * Dials unless it is open or being opened.
   * @param fn called once, with the error where this attempt fails; there is no other attempt by itself then
   */
  override open(fn?: (error?: Error) => void): this {
    if (fn && this._state === CLOSED) {
      const settle = (error?: Error): void => {
        this.off('open', settle).off('error', settle);
        if (error) this.close();
        fn(error);
      };
      this.on('open', settle).on('error', settle);
    }
    super.open();
    return this;
  }

  /** As {@link open}. */
  connect(fn?: (error?: Error) => void): this {
    return this.open(fn);
  }

  /** The socket of a namespace; the same object at every call. `autoConnect` connects it, also one that was left. */
  socket<L = AnyEvents, E = L>(namespace: string, options?: SocketOptions): Socket<L, E> {
    const socket =
      (this._namespaces.get(namespace) as Socket<L, E> | undefined) ||
      new Socket<L, E>(this, namespace, options);
    if (this._autoConnect && !socket.active) socket.open();
    return socket;
  }
}

/** A namespace with the face of socket.io-client's Socket. */
export class Socket<L = AnyEvents, E = L> extends BaseSocket<L, E> {
  /** The connection, which namespaces share. */
  declare readonly io: Manager;

  /** As {@link open}. */
  connect(): this {
    return this.open();
  }

  /** As {@link disconnect}. */
  close(): this {
    return this.disconnect();
  }
}

const managers = new Map<string, Manager>();

/**
 * As socket.io-client's `io()`: managers are shared by address, unless `forceNew`, `multiplex: false`, or the manager has a socket of this
 * namespace already.
 * @example
 * const socket = io({ service: 'realtime-voice', namespace: '/realtime-voice' }, { auth: { ticket } });
 * const other = io('wss://example.com/chat'); // wx.connectSocket
 */
export function io<L = AnyEvents, E = L>(target: Target, options?: IoOptions): Socket<L, E> {
  const given = optionsOf(target, options);
  const { service, env, path, namespace = '/', forceNew, multiplex } = given;
  const id = [service, env, path].join();
  const known = forceNew || multiplex === false ? undefined : managers.get(id);
  const manager = known && !known._namespaces.has(namespace) ? known : new Manager(given);
  if (!forceNew && multiplex !== false && !known) managers.set(id, manager);
  return manager.socket<L, E>(namespace, given);
}

/** As {@link io}. @alias io */
export default io;
