import { EventEmitter } from 'node:events';
import { type Clock, systemClock } from '../../../lib/clock.ts';
import { Connection } from '../connection.ts';
import { CLOSED } from '../connection.types.ts';
import type { Dial, SocketTask } from '../dialers/dial.ts';
import { decodeEngine } from '../engine-codec.ts';
import type { ConnectionOptions } from '../options.ts';
import { Socket as CoreSocket, type SocketOptions } from '../socket.ts';
import type { Packet } from '../socket-codec.ts';
import { createFakeWx } from './fake-wx.ts';

/**
 * The official client's face (`io`, `Manager`, `Socket`, `manager.engine`) over this client's classes and a strict
 * `wx`, so that cases written for socket.io-client run against this client. For tests only.
 */
interface FacadeOptions extends Partial<ConnectionOptions>, SocketOptions {
  autoConnect?: boolean;
  forceNew?: boolean;
  multiplex?: boolean;
  useNativeTimers?: boolean;
}

/** Names of the states, as the official engine has them. */
const READY_STATES = ['closed', 'opening', 'open'];

const { wx } = createFakeWx({ services: (service) => service });
const neverOpens: Dial = () => {};

/** The timers as they were when this file was loaded, whatever replaces them later. */
const native = { set: setTimeout, clear: clearTimeout };
const nativeClock: Clock = {
  ...systemClock,
  after(ms, fn) {
    const timer = native.set(fn, ms);
    return () => native.clear(timer);
  },
};

/** Reports the packets of a socket as the official engine does. */
function observe(task: SocketTask, events: EventEmitter, optionsOf: () => object): SocketTask {
  const packetOf = (frame: unknown): object => {
    const { type, data } = decodeEngine(frame);
    return { type, data: data || undefined };
  };
  return {
    onMessage: (fn) =>
      task.onMessage((message) => {
        events.emit('packet', packetOf(message.data));
        fn(message);
      }),
    onClose: (fn) => task.onClose(fn),
    onError: (fn) => task.onError(fn),
    send(option) {
      events.emit('packetCreate', { ...packetOf(option.data), options: optionsOf() });
      task.send(option);
    },
    close: (option) => task.close(option),
  };
}

/** What tests of the official client ask of `manager.engine`: one for every dial. */
function engineOf(owner: Connection, events: EventEmitter) {
  const decoder = owner._decoder;
  const alive = (): boolean => owner._decoder === decoder;
  return {
    get id() {
      return owner.id;
    },
    get readyState() {
      return alive() ? READY_STATES[owner._state] : 'closed';
    },
    set _pingTimeoutTime(epochMs: number) {
      owner._deadline = epochMs;
    },
    binaryType: 'arraybuffer',
    on: (event: string, fn: (packet: { data: string }) => void) => events.on(event, fn),
    once: (event: string, fn: () => void) => events.once(event, fn),
    emit: (event: string, data: string) => event === 'data' && owner._onMessage(data),
    close: () => alive() && owner._end('forced close'),
  };
}

export class Manager extends Connection {
  readonly _autoConnect: boolean;
  compress = true;
  engine: ReturnType<typeof engineOf> | undefined;
  private events = new EventEmitter();

  constructor(uri?: string | FacadeOptions, options?: FacadeOptions) {
    const given = (typeof uri === 'string' ? options : uri) ?? {};
    const address = typeof uri === 'string' ? new URL(uri) : undefined;
    super({
      ...given,
      platform: null,
      service: address ? `ws://${address.host}` : '',
      query: given.query ?? Object.fromEntries(address?.searchParams ?? []),
      clock: given.useNativeTimers ? nativeClock : systemClock,
      dial: address
        ? async (request) => {
            const { events } = this;
            const { socketTask } = await wx.cloud.connectContainer(request);
            return observe(socketTask as unknown as SocketTask, events, () => {
              const { compress } = this;
              this.compress = true;
              return { compress };
            });
          }
        : neverOpens,
    });
    this._autoConnect = given.autoConnect !== false;
    if (this._autoConnect) this.open();
  }

  override open(): void {
    if (this._state !== CLOSED) return;
    this.events = new EventEmitter();
    super.open();
    this.engine = engineOf(this, this.events);
  }

  connect(): void {
    this.open();
  }

  _close(): void {
    this.close();
  }

  socket(nsp: string, options?: SocketOptions): Socket {
    const known = this._namespaces.get(nsp) as Socket | undefined;
    if (known && this._autoConnect && !known.active) known.open();
    return known ?? new Socket(this, nsp, options);
  }

  reconnection(value?: boolean): unknown {
    return this.option('reconnection', value);
  }
  reconnectionDelay(value?: number): unknown {
    return this.option('reconnectionDelay', value);
  }
  randomizationFactor(value?: number): unknown {
    return this.option('randomizationFactor', value);
  }

  private option<K extends keyof ConnectionOptions>(name: K, value?: ConnectionOptions[K]): unknown {
    if (value === undefined) return this.options[name];
    this.options[name] = value;
    return this;
  }
}

export class Socket extends CoreSocket {
  declare readonly io: Manager;

  constructor(io: Manager, nsp: string, options?: SocketOptions) {
    super(io, nsp, options);
    if (io._autoConnect) this.open();
  }

  get acks(): object {
    return Object.fromEntries(this._pendingAcks._ids.map((id) => [id, true]));
  }

  get _queue(): readonly unknown[] {
    return this._retryQueue._items;
  }

  connect(): this {
    return this.open();
  }

  close(): this {
    return this.disconnect();
  }

  onpacket(packet: Packet): void {
    this._onPacket(packet);
  }

  override compress(compress: boolean): this {
    this.io.compress = compress;
    return this;
  }
}

const managers = new Map<string, Manager>();

/** As the official `io()`: one manager an address, unless a namespace is asked for twice or `forceNew`. */
export function io(uri: string, options: FacadeOptions = {}): Socket {
  const address = new URL(uri);
  const nsp = address.pathname;
  const id = `${address.origin}${options.path ?? '/socket.io'}`;
  const known = managers.get(id);
  const fresh = options.forceNew || options.multiplex === false || !known || known._namespaces.has(nsp);
  const manager = fresh ? new Manager(uri, options) : known;
  if (!known && !options.forceNew && options.multiplex !== false) managers.set(id, manager);
  return manager.socket(nsp, options);
}
