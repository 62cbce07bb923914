import { EventEmitter } from 'node:events';
import { type Clock, systemClock } from '../../../lib/clock.ts';
import type { Dial, SocketTask } from '../dialers/dial.ts';
import { engineType, MESSAGE } from '../engine-codec.ts';
import {
  type IoOptions,
  Manager as OwnManager,
  Socket as OwnSocket,
  io as ownIo,
  type Target,
} from '../io.ts';
import type { Packet } from '../socket-codec.ts';
import { createFakeWx } from './fake-wx.ts';

/**
 * Runs cases that were written for socket.io-client on `io()`, `Manager` and `Socket` themselves. They get a transport over a strict
 * `wx`, and their prototypes get what those cases read of the official client's inside: `manager.engine`, `socket.acks` and so on.
 * For tests only.
 */
interface OfficialOptions extends IoOptions {
  useNativeTimers?: boolean;
}

/** Names of the states, as the official engine has them. */
const READY_STATES = ['closed', 'opening', 'open'];

const { wx } = createFakeWx({ services: (service) => service });

/** The timers as they were when this file was loaded, whatever replaces them later. */
const native = { set: setTimeout, clear: clearTimeout };
const nativeClock: Clock = {
  ...systemClock,
  after(ms, fn) {
    const timer = native.set(fn, ms);
    return () => native.clear(timer);
  },
};

/** Of a manager, by its dialer. */
interface Wire {
  /** Of the newest dial. */
  events: EventEmitter | undefined;
  /** Of the newest dial, once it was asked for. */
  engine: Engine | undefined;
  /** What `compress()` has said for the next packet. */
  compress: boolean;
}
const wires = new WeakMap<Dial, Wire>();
const wireOf = (manager: OwnManager): Wire => wires.get(manager.options.dial) as Wire;

/** Reports the packets of a socket as the official engine does. */
function observe(task: SocketTask, wire: Wire): SocketTask {
  const events = wire.events as EventEmitter;
  const packetOf = (frame: unknown): object => {
    const data = typeof frame === 'string' ? frame.slice(1) : frame;
    return { type: engineType(frame), data: data || undefined };
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
      events.emit('packetCreate', { ...packetOf(option.data), options: { compress: wire.compress } });
      wire.compress = true;
      task.send(option);
    },
    close: (option) => task.close(option),
  };
}

/** A dialer of its own for every manager; without an address it never opens. */
function transport(): Dial {
  const wire: Wire = { events: undefined, engine: undefined, compress: true };
  const dial: Dial = (request, opened, failed) => {
    wire.events = new EventEmitter();
    wire.engine = undefined;
    if (!request.service) return;
    wx.cloud
      .connectContainer(request)
      .then(({ socketTask }) => opened(observe(socketTask as unknown as SocketTask, wire)), failed);
  };
  wires.set(dial, wire);
  return dial;
}

/** What tests of the official client ask of `manager.engine`: one for every dial. */
function engineOf(owner: OwnManager, events: EventEmitter) {
  const decoder = owner._decoder;
  const alive = (): boolean => decoder !== undefined && owner._decoder === decoder;
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
    emit: (event: string, data: string) => event === 'data' && owner._deliver(`${MESSAGE}${data}`),
    close: () => alive() && owner._end('forced close'),
  };
}
type Engine = ReturnType<typeof engineOf>;

interface ManagerInside {
  readonly engine: Engine | undefined;
  _close(): void;
}
interface SocketInside {
  readonly io: Manager;
  readonly acks: object;
  readonly _queue: readonly unknown[];
  onpacket(packet: Packet): void;
}
export type Socket = Omit<OwnSocket, 'io'> & SocketInside;
export type Manager = Omit<OwnManager, 'socket'> &
  ManagerInside & { socket(nsp: string, options?: object): Socket };

Object.defineProperties(OwnManager.prototype, {
  engine: {
    get(this: OwnManager) {
      const wire = wireOf(this);
      if (wire.events) wire.engine ??= engineOf(this, wire.events);
      return wire.engine;
    },
  },
  _close: { value: OwnManager.prototype.close },
});
Object.defineProperties(OwnSocket.prototype, {
  acks: {
    get(this: OwnSocket & { _acks: Map<number, unknown> }) {
      return Object.fromEntries(this._acks);
    },
  },
  onpacket: { value: OwnSocket.prototype._receive },
  compress: {
    value(this: OwnSocket, compress: boolean) {
      wireOf(this.io).compress = compress;
      return this;
    },
  },
});

const withTransport = ({ useNativeTimers, ...options }: OfficialOptions): IoOptions => ({
  dial: transport(),
  platform: null,
  clock: useNativeTimers ? nativeClock : systemClock,
  ...options,
});

/** `new Manager()`, with the transport among its options. */
export const Manager = new Proxy(OwnManager, {
  construct: (Class, [target, options]: [Target, OfficialOptions?]) =>
    typeof target === 'string'
      ? new Class(target, withTransport(options ?? {}))
      : new Class(withTransport(target ?? {})),
}) as unknown as new (
  target: Target | OfficialOptions,
  options?: OfficialOptions,
) => Manager;

/** `io()`, with the transport among its options. */
export const io = (uri: string, options: OfficialOptions = {}): Socket =>
  ownIo(uri, withTransport(options)) as unknown as Socket;
