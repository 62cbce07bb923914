import { type AckFn, Acks } from './acks.ts';
import { AnyEmitter } from './any-listeners.ts';
import type { Connection, Namespace } from './connection.ts';
import { callSafely } from './emitter.ts';
import { type ConnectError, connectError, type DisconnectReason } from './errors.ts';
import type { AckOf, AnyEvents, Args, EventName, ReservedEvents, WithoutAck, WithTimeout } from './events.ts';
import { RetryQueue } from './retry-queue.ts';
import { ACK, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT, type Packet, RESERVED } from './socket-codec.ts';

/** Sent with CONNECT: an object, or a function that is asked at every connection and calls back or returns a promise. */
export type Auth = object | ((callback: (data: object) => void) => unknown);

export interface SocketOptions {
  auth?: Auth | undefined;
  /** Above 0: events are sent one by one, again up to this often, until acknowledged. Give `ackTimeout` with it. */
  retries?: number | undefined;
  /** Default of `timeout(ms)` for every event with a callback, ms. */
  ackTimeout?: number | undefined;
}

interface Flags {
  volatile?: boolean;
  timeout?: number | undefined;
}

/** A namespace of a connection: events, acknowledgements, and what is kept while it is away. */
export class Socket<L = AnyEvents, E = L> extends AnyEmitter<L, ReservedEvents> implements Namespace {
  readonly io: Connection;
  readonly nsp: string;
  /** The server's id of this connection of the namespace; the same after a recovery. */
  id: string | undefined;
  connected = false;
  /** The server had kept our place: what was missed has been delivered again. */
  recovered = false;
  /** Wants to be connected: true while connected or trying. */
  active = false;
  auth: Auth | undefined;
  /** Events that came before the namespace was connected. */
  receiveBuffer: unknown[][] = [];
  /** Events that wait for the connection. */
  sendBuffer: Packet[] = [];

  protected readonly pendingAcks: Acks;
  protected readonly queue: RetryQueue;
  private ackTimeout: number | undefined;
  private retries: number;
  private ids = 0;
  private flags: Flags = {};
  private pid: string | undefined;
  private offset: string | undefined;

  constructor(io: Connection, nsp: string, options: SocketOptions = {}) {
    super();
    this.io = io;
    this.nsp = nsp;
    this.auth = options.auth;
    this.ackTimeout = options.ackTimeout;
    this.retries = options.retries || 0;
    this.pendingAcks = new Acks(io.options.clock);
    this.queue = new RetryQueue(this.retries, (args, ack, timeout) => {
      const usable = this.connected && io.usable();
      if (usable) this.sendEvent(args, ack, timeout);
      return usable;
    });
    io.namespaces.set(nsp, this);
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  /** Starts connecting, without waiting; does nothing where it is connected. */
  open(): this {
    if (this.connected) return this;
    const wasActive = this.active;
    this.active = true;
    if (this.io.readyState === 'open') {
      if (!wasActive) this.onOpen();
    } else if (!this.io.reconnecting) this.io.open();
    return this;
  }

  /** An attempt to connect has ended: by success, or by this error. */
  protected settle(_error?: Error): void {}

  /** Leaves the namespace; the last one to leave closes the transport. What was not sent stays in the buffer. */
  disconnect(): this {
    if (this.connected) this.io.send({ type: DISCONNECT, nsp: this.nsp });
    this.settle(connectError('closed', 'io client disconnect'));
    this.leave();
    if (this.connected) this.onClose('io client disconnect');
    return this;
  }

  /**
   * Sends an event. While not connected it is kept and sent on connection, ahead of the `connect` event.
   * @param args any JSON, with ArrayBuffers and views anywhere in it; a function at the end gets the server's answer
   * @throws Error for a reserved name; TypeError for data that JSON cannot hold
   */
  emit<N extends EventName<E>>(event: N, ...args: Args<E, N>): this {
    if (RESERVED.indexOf(event as string) >= 0) throw new Error(`"${event}" is a reserved event name`);
    const { volatile, timeout = this.ackTimeout } = this.flags;
    this.flags = {};
    const data: unknown[] = [event, ...args];
    const ack = typeof data[data.length - 1] === 'function' ? (data.pop() as AckFn) : undefined;
    if (this.retries && !volatile) this.queue.add(data, ack, timeout);
    else this.sendEvent(data, ack, timeout, volatile);
    return this;
  }

  /** `emit('message', ...args)`. */
  send(...args: unknown[]): this {
    return this.emit('message' as EventName<E>, ...(args as Args<E, EventName<E>>));
  }

  /** Sends an event and waits for the answer. Rejects after `timeout(ms)`, or when the connection is lost. */
  emitWithAck<N extends EventName<E>>(event: N, ...args: WithoutAck<Args<E, N>>): Promise<AckOf<Args<E, N>>> {
    return new Promise((resolve, reject) => {
      const ack: AckFn = (...[error, answer]: unknown[]) =>
        error ? reject(error) : resolve(answer as AckOf<Args<E, N>>);
      ack.errorFirst = true;
      this.emit(event, ...([...args, ack] as unknown as Args<E, N>));
    });
  }

  /** The next event's answer is waited for this long, ms; its callback gets an error first. */
  timeout(ms: number): Socket<L, WithTimeout<E>> {
    this.flags.timeout = ms;
    return this as never;
  }

  /** The next event is dropped unless it can leave at once. */
  get volatile(): this {
    this.flags.volatile = true;
    return this;
  }

  /** Accepted for compatibility: the runtime does not compress. */
  compress(_compress: boolean): this {
    return this;
  }

  // --- from the connection ------------------------------------------------------------------------------

  onOpen(): void {
    const { engine } = this.io;
    let asked = true;
    const answer = (data?: object): void => {
      // Once, and only on the connection that asked.
      if (!asked || !this.active || engine !== this.io.engine) return;
      asked = false;
      const place = this.pid ? { pid: this.pid, offset: this.offset } : undefined;
      const all = place || data ? Object.assign({}, place, data) : undefined;
      this.io.send({ type: CONNECT, nsp: this.nsp, data: all });
    };
    const refuse = (context: unknown): void => {
      if (engine && engine === this.io.engine)
        engine.end('transport error', connectError('auth', 'auth failed', { context }));
    };
    if (typeof this.auth !== 'function') {
      answer(this.auth);
      return;
    }
    try {
      const result = this.auth(answer) as PromiseLike<object> | undefined;
      if (result?.then) result.then(answer, refuse);
    } catch (error) {
      refuse(error);
    }
  }

  onPacket({ type, id, data }: Packet): void {
    if (type === CONNECT) this.onConnect(data as { sid?: string; pid?: string } | undefined);
    else if (type === EVENT) this.onEvent(id, (data || []) as unknown[]);
    else if (type === ACK) this.pendingAcks.resolve(id, (data || []) as unknown[]);
    else if (type === DISCONNECT) {
      this.leave();
      this.onClose('io server disconnect');
    } else if (type === CONNECT_ERROR && !this.connected) {
      const { message, data: more } = (typeof data === 'object' ? data : { message: data }) as {
        message: string;
        data?: unknown;
      };
      this.leave();
      this.onError(connectError('refused', message, { data: more }));
    }
  }

  onError(error: ConnectError | Error): void {
    if (this.connected) return;
    this.dispatch(['connect_error', error]);
    this.settle(error);
  }

  onClose(reason: DisconnectReason, details?: unknown): void {
    this.connected = false;
    this.id = undefined;
    this.dispatch(['disconnect', reason, details]);
    const unsent = this.sendBuffer.map((packet) => packet.id);
    for (const id of this.pendingAcks.ids)
      if (unsent.indexOf(id) < 0) this.pendingAcks.reject(id, 'socket has been disconnected');
    this.settle(connectError('transport', reason, { context: details }));
  }

  // ------------------------------------------------------------------------------------------------------

  private onConnect(data: { sid?: string; pid?: string } | undefined): void {
    if (!data?.sid) {
      this.onError(connectError('refused', 'the server speaks Socket.IO v2'));
      return;
    }
    this.id = data.sid;
    this.recovered = !!data.pid && this.pid === data.pid;
    this.pid = data.pid;
    this.connected = true;
    const received = this.receiveBuffer;
    const unsent = this.sendBuffer;
    this.receiveBuffer = [];
    this.sendBuffer = [];
    for (const args of received) this.deliver(args);
    for (const packet of unsent) callSafely(() => this.write(packet), this, []);
    this.queue.drain(true);
    this.dispatch(['connect']);
    this.settle();
  }

  private onEvent(id: number | undefined, args: unknown[]): void {
    if (id !== undefined) args.push(this.ackOf(id));
    if (this.connected) this.deliver(args);
    else this.keep(this.receiveBuffer, args, (lost) => lost);
  }

  private deliver(args: unknown[]): void {
    this.dispatchIncoming(args);
    const last = args[args.length - 1];
    // Connection state recovery: the server appends the event's offset to its arguments.
    if (this.pid && typeof last === 'string') this.offset = last;
  }

  private ackOf(id: number): (...args: unknown[]) => void {
    let sent = false;
    return (...data) => {
      if (sent) return;
      sent = true;
      this.io.send({ type: ACK, nsp: this.nsp, id, data });
    };
  }

  private sendEvent(data: readonly unknown[], ack?: AckFn, timeout?: number, volatile?: boolean): void {
    const packet: Packet = { type: EVENT, nsp: this.nsp, data };
    const { engine } = this.io;
    if (ack) {
      const id = this.ids++;
      packet.id = id;
      this.pendingAcks.add(id, ack, timeout, () => {
        this.sendBuffer = this.sendBuffer.filter((one) => one !== packet);
        this.pendingAcks.reject(id, 'operation has timed out');
      });
    }
    if (volatile && !engine?.writable) this.pendingAcks.reject(packet.id, 'volatile event dropped');
    else if (this.connected && this.io.usable()) this.write(packet);
    else {
      const lost = this.keep(this.sendBuffer, packet, (one) => one.data as unknown[]);
      if (lost) this.pendingAcks.reject(lost.id, 'send buffer is full');
    }
  }

  private write(packet: Packet): void {
    this.dispatchOutgoing(packet.data as unknown[]);
    try {
      this.io.send(packet);
    } catch (error) {
      this.pendingAcks.reject(packet.id, 'cannot be encoded');
      throw error;
    }
  }

  /** Adds to a bounded buffer. @returns what was given up for it */
  private keep<T>(buffer: T[], item: T, argsOf: (lost: T) => unknown[]): T | undefined {
    buffer.push(item);
    const lost = buffer.length > this.io.options.maxBuffered ? buffer.shift() : undefined;
    if (lost) this.io.drop(this.nsp, argsOf(lost));
    return lost;
  }

  private leave(): void {
    this.active = false;
    this.io.closeIfIdle();
  }
}
