import type { EventName } from '../../lib/emitter.ts';
import { type AckFn, Acks } from './acks.ts';
import { AnyEmitter, INCOMING, OUTGOING } from './any-listeners.ts';
import type { Connection } from './connection.ts';
import { IS_OPEN, type Namespace } from './connection.types.ts';
import { type ConnectError, connectError, type DisconnectReason } from './errors.ts';
import type { AckOf, AnyEvents, Args, ReservedEvents, WithoutAck, WithTimeout } from './events.ts';
import { RetryQueue } from './retry-queue.ts';
import { ACK, CONNECT, DISCONNECT, EVENT, type Packet, RESERVED } from './socket-codec.ts';

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

/**
 * A namespace of a connection: events, acknowledgements, and the events buffered while it is not connected. How `connect()` is
 * called is the subclass's: with a promise, or as socket.io-client has it.
 */
export class BaseSocket<L = AnyEvents, E = L> extends AnyEmitter<L, ReservedEvents> implements Namespace {
  readonly io: Connection;
  readonly nsp: string;
  /** The server's id of this connection of the namespace; the same after a recovery. */
  id: string | undefined;
  connected = false;
  /** Connection state recovery succeeded: events that were missed have been delivered. */
  recovered = false;
  /** Connected, or trying to be. */
  active = false;
  auth: Auth | undefined;
  /** Events that came before the namespace was connected. */
  receiveBuffer: unknown[][] = [];
  /** Events that wait for the connection. */
  sendBuffer: Packet[] = [];

  protected readonly _pendingAcks: Acks;
  protected readonly _retryQueue: RetryQueue;
  private _ackTimeout: number | undefined;
  private _ids = 0;
  private _flags: Flags = {};
  private _pid: string | undefined;
  private _offset: string | undefined;

  constructor(io: Connection, nsp: string, options: SocketOptions = {}) {
    super();
    this.io = io;
    this.nsp = nsp;
    this.auth = options.auth;
    this._ackTimeout = options.ackTimeout;
    this._pendingAcks = new Acks(this, (id, ms) =>
      io.options.clock.after(ms, () => {
        this.sendBuffer = this.sendBuffer.filter((packet) => packet.id !== id);
        this._pendingAcks._settle(id, 'timeout');
      }),
    );
    this._retryQueue = new RetryQueue(options.retries || 0, this);
    io._namespaces.set(nsp, this);
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  /** Starts connecting, without waiting; does nothing where it is connected. */
  open(): this {
    if (this.connected) return this;
    const wasActive = this.active;
    this.active = true;
    if (this.io._state === IS_OPEN) {
      if (!wasActive) this._onOpen();
    } else if (!this.io._reconnecting) this.io.open();
    return this;
  }

  /**
   * Connects again `delay` ms from now, in place of the backoff: closes the connection where there is one, shortens or
   * prolongs a wait, and activates a namespace that was refused. Needs the option `reconnection`; the delay holds for one
   * attempt. While the app is hidden nothing is dialled; when it is shown or the network is back, the wait ends.
   * @param delay 0, the default: at once
   */
  reconnect(delay = 0): this {
    this.active = true;
    this.io._restart(delay);
    return this;
  }

  /** An attempt to connect has succeeded, or failed with this error. */
  protected _settle(_error?: Error): void {}

  /** Leaves the namespace; the last one to leave closes the transport. What was not sent stays in the buffer. */
  disconnect(): this {
    if (this.connected) this.io._send({ type: DISCONNECT, nsp: this.nsp });
    this._settle(connectError('closed', 'io client disconnect'));
    this._leave();
    if (this.connected) this._onClose('io client disconnect');
    return this;
  }

  /**
   * Sends an event. While not connected it is kept and sent on connection, ahead of the `connect` event.
   * @param args any JSON, with ArrayBuffers and views anywhere in it; a function at the end gets the server's answer
   * @throws Error for a reserved name; TypeError for data that JSON cannot hold
   */
  emit<N extends EventName<E>>(event: N, ...args: Args<E, N>): this {
    const { volatile, timeout = this._ackTimeout } = this._flags;
    this._flags = {};
    if (RESERVED.indexOf(event as string) >= 0) throw new Error(`"${event}" is a reserved event name`);
    const data: unknown[] = [event, ...args];
    const ack = typeof data[data.length - 1] === 'function' ? (data.pop() as AckFn) : undefined;
    if (this._retryQueue._retries && !volatile)
      this._retryQueue._add((onAnswer) => {
        const usable = this.connected && this.io._usable();
        if (usable) this._sendEvent(data, onAnswer, timeout);
        return usable;
      }, ack);
    else this._sendEvent(data, ack, timeout, volatile);
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
      ack._errorFirst = true;
      this.emit(event, ...([...args, ack] as unknown as Args<E, N>));
    });
  }

  /** The next event's answer is waited for this long, ms; its callback gets an error first. */
  timeout(ms: number): BaseSocket<L, WithTimeout<E>> {
    this._flags.timeout = ms;
    return this as never;
  }

  /** The next event is dropped unless it can be sent at once. */
  get volatile(): this {
    this._flags.volatile = true;
    return this;
  }

  /** @deprecated Has no effect: WeChat's runtime does not compress. It is there for code that was written for socket.io-client. */
  compress(_compress: boolean): this {
    return this;
  }

  _report(error: unknown): void {
    this.io._report(error);
  }

  // --- from the connection ------------------------------------------------------------------------------

  _onOpen(): void {
    const { auth, io } = this;
    const decoder = io._decoder;
    const join = (data?: object): void => {
      // The answer of `auth` may come after this connection is over.
      if (!this.active || decoder !== io._decoder) return;
      const recovery = this._pid && { pid: this._pid, offset: this._offset };
      io._send({
        type: CONNECT,
        nsp: this.nsp,
        data: recovery || data ? Object.assign({}, recovery, data) : undefined,
      });
    };
    if (typeof auth !== 'function') {
      join(auth);
      return;
    }
    new Promise<object>((resolve, reject) => {
      const answer = auth(resolve) as PromiseLike<object> | undefined;
      // Whichever comes first: an `async` function may also call back, and then returns nothing.
      if (answer?.then) answer.then(resolve, reject);
    }).then(join, (error) => {
      if (decoder === io._decoder) io._fail('auth', 'auth failed', error);
    });
  }

  _onPacket({ type, id, data }: Packet): void {
    if (type === CONNECT) this._onConnect(data as { sid?: string; pid?: string } | undefined);
    else if (type === EVENT) this._onEvent(id, (data || []) as unknown[]);
    else if (type === ACK) this._pendingAcks._settle(id, '', data as unknown[]);
    else if (type === DISCONNECT) {
      this._leave();
      this._onClose('io server disconnect');
    } else if (!this.connected) {
      // CONNECT_ERROR: an object, or in older servers a text.
      const { message, data: more } = (data || '') as { message: string; data: unknown };
      this._leave();
      this._onError(connectError('refused', message || `${data}`, undefined, more));
    }
  }

  _onError(error: ConnectError | Error): void {
    if (this.connected) return;
    this._dispatch(['connect_error', error]);
    this._settle(error);
  }

  _onClose(reason: DisconnectReason, details?: unknown): void {
    this.connected = false;
    this.id = undefined;
    this._dispatch(['disconnect', reason, details]);
    const unsent = this.sendBuffer.map((packet) => packet.id);
    for (const id of this._pendingAcks._ids)
      if (unsent.indexOf(id) < 0) this._pendingAcks._settle(id, 'disconnected');
    this._settle(connectError('transport', reason, details));
  }

  // ------------------------------------------------------------------------------------------------------

  private _onConnect({ sid, pid }: { sid?: string; pid?: string } = {}): void {
    if (!sid) {
      this._onError(connectError('refused', 'parse error'));
      return;
    }
    this.id = sid;
    this.recovered = !!pid && this._pid === pid;
    this._pid = pid;
    this.connected = true;
    const received = this.receiveBuffer;
    const unsent = this.sendBuffer;
    this.receiveBuffer = [];
    this.sendBuffer = [];
    for (const args of received) this._deliver(args);
    for (const packet of unsent) this._callSafely(() => this._write(packet), []);
    this._retryQueue._drain();
    this._dispatch(['connect']);
    this._settle();
  }

  private _onEvent(id: number | undefined, args: unknown[]): void {
    if (id !== undefined) args.push(this._ackOf(id));
    if (this.connected) this._deliver(args);
    else this._keep(this.receiveBuffer, args);
  }

  private _deliver(args: unknown[]): void {
    this._callListeners(INCOMING, args);
    this._dispatch(args);
    const last = args[args.length - 1];
    // Connection state recovery: the server appends the event's offset to its arguments.
    if (this._pid && typeof last === 'string') this._offset = last;
  }

  private _ackOf(id: number): (...args: unknown[]) => void {
    let sent = false;
    return (...data) => {
      if (sent) return;
      sent = true;
      this.io._send({ type: ACK, nsp: this.nsp, id, data });
    };
  }

  private _sendEvent(data: readonly unknown[], ack?: AckFn, timeout?: number, volatile?: boolean): void {
    const packet: Packet = { type: EVENT, nsp: this.nsp, data };
    if (ack) {
      packet.id = this._ids++;
      this._pendingAcks._add(packet.id, ack, timeout);
    }
    if (volatile && !this.io._writable) this._pendingAcks._settle(packet.id, 'dropped');
    else if (this.connected && this.io._usable()) this._write(packet);
    else {
      const lost = this._keep(this.sendBuffer, packet);
      if (lost) this._pendingAcks._settle(lost.id, 'dropped');
    }
  }

  private _write(packet: Packet): void {
    this._callListeners(OUTGOING, packet.data as unknown[]);
    this.io._send(packet);
  }

  /** Adds to a bounded buffer. @returns the item that was dropped for it, if any */
  private _keep<T>(buffer: T[], item: T): T | undefined {
    buffer.push(item);
    if (buffer.length <= this.io.options.maxBuffered) return undefined;
    this.io._dispatch(['drop', this.nsp, buffer[0]]);
    return buffer.shift();
  }

  private _leave(): void {
    this.active = false;
    let others: boolean | undefined;
    this.io._forActive(() => {
      others = true;
    });
    if (!others) this.io.close();
  }
}
