import type { EventName, Listener } from '../../lib/emitter.ts';
import { AnyEmitter, INCOMING, OUTGOING } from './any-listeners.ts';
import type { Connection } from './connection.ts';
import { IS_OPEN, type Namespace } from './connection.types.ts';
import { type ConnectError, connectError, type DisconnectReason } from './errors.ts';
import type { AckOf, AnyEvents, Args, ReservedEvents, WithoutAck, WithTimeout } from './events.ts';
import { ACK, CONNECT, DISCONNECT, EVENT, type Packet, RESERVED } from './socket-codec.ts';

/** Sent with CONNECT: an object, or a function that is asked at every connection and calls back or returns a promise. */
export type Auth = object | ((callback: (data: object) => void) => unknown);

/** Options of one namespace. */
export interface SocketOptions {
  /** What the server gets of whoever connects; its middleware decides. */
  auth?: Auth | undefined;
  /** Above 0: events are sent one by one, again up to this often, until acknowledged. Give `ackTimeout` with it. */
  retries?: number | undefined;
  /** Default of `timeout(ms)` for every event with a callback, ms. */
  ackTimeout?: number | undefined;
}

/** An acknowledgement callback; `_errorFirst` where it also takes failures. */
type AckFn = Listener & { _errorFirst?: boolean };

interface Queued {
  data: unknown[];
  _fn: AckFn | undefined;
  _timeout: number | undefined;
  _attempts: number;
  _pending?: boolean;
}

interface Flags {
  _volatile?: boolean;
  _timeout?: number | undefined;
}

/**
 * A namespace of a connection: events, acknowledgements, and the events buffered while it is not connected. How `connect()` is
 * called is the subclass's: with a promise, or as socket.io-client has it.
 */
export class BaseSocket<L = AnyEvents, E = L> extends AnyEmitter<L, ReservedEvents> implements Namespace {
  /** The connection, which namespaces share. */
  readonly io: Connection;
  /** Name of the namespace. */
  readonly nsp: string;
  /** The server's id of this connection of the namespace; the same after a recovery. */
  id: string | undefined;
  /** The server has let the namespace in. */
  connected = false;
  /** Connection state recovery succeeded: events that were missed have been delivered. */
  recovered = false;
  /** Connected, or trying to be. */
  active = false;
  /** What the next attempt sends; may be replaced. */
  auth: Auth | undefined;
  /** Events that came before the namespace was connected. */
  receiveBuffer: unknown[][] = [];
  /** Events that wait for the connection. */
  sendBuffer: Packet[] = [];

  /** Callbacks that wait for an acknowledgement, by the id of their packet. */
  readonly _acks = new Map<number | undefined, AckFn>();
  private readonly _retries: number | undefined;
  /** With `retries`. The head is the one in flight. */
  readonly _queue: Queued[] = [];

  private _timeout: number | undefined;
  private _ids = 0;
  private _flags: Flags = {};
  private _pid: string | undefined;
  private _offset: string | undefined;

  constructor(io: Connection, nsp: string, options: SocketOptions = {}) {
    super();
    this.io = io;
    this.nsp = nsp;
    this.auth = options.auth;
    this._timeout = options.ackTimeout;
    this._retries = options.retries;
    io._namespaces.set(nsp, this);
  }

  /** Not `connected`. */
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
    if (this.connected) this._send(DISCONNECT);
    this._settle(connectError('closed', 'io client disconnect'));
    this._leave();
    if (this.connected) this._end('io client disconnect');
    return this;
  }

  /**
   * Sends an event. While not connected it is kept and sent on connection, ahead of the `connect` event.
   * @param args any JSON, with ArrayBuffers and views anywhere in it; a function at the end gets the server's answer
   * @throws Error for a reserved name; TypeError for data that JSON cannot hold
   */
  emit<N extends EventName<E>>(event: N, ...args: Args<E, N>): this;
  emit(...data: unknown[]): this {
    const { _volatile: volatile, _timeout: timeout = this._timeout } = this._flags;
    this._flags = {};
    if (RESERVED.includes(data[0] as string)) throw new Error(`"${data[0]}" is a reserved event name`);
    const ack = typeof data[data.length - 1] === 'function' ? (data.pop() as AckFn) : undefined;
    if (this._retries && !volatile) {
      this._queue.push({ data, _fn: ack, _timeout: timeout, _attempts: 0 });
      this._attempt();
    } else this._sendEvent(data, ack, timeout, volatile);
    return this;
  }

  /** `emit('message', ...args)`. */
  send(...args: unknown[]): this {
    return this.emit('message' as EventName<E>, ...(args as Args<E, EventName<E>>));
  }

  /** Sends an event and waits for the answer. Rejects after `timeout(ms)`, or when the connection is lost. */
  emitWithAck<N extends EventName<E>>(event: N, ...args: WithoutAck<Args<E, N>>): Promise<AckOf<Args<E, N>>>;
  emitWithAck(...data: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ack: AckFn = (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer));
      ack._errorFirst = true;
      (this as BaseSocket).emit(...(data as [string]), ack);
    });
  }

  /** The next event's answer is waited for this long, ms; its callback gets an error first. */
  timeout(ms: number): BaseSocket<L, WithTimeout<E>> {
    this._flags._timeout = ms;
    return this as never;
  }

  /** The next event is dropped unless it can be sent at once. */
  get volatile(): this {
    this._flags._volatile = true;
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
    // The answer of `auth` may come after this connection is over.
    const join = io._current((data?: object): void => {
      if (!this.active) return;
      this._send(CONNECT, this._pid ? Object.assign({ pid: this._pid, offset: this._offset }, data) : data);
    });
    if (typeof auth !== 'function') {
      join(auth);
      return;
    }
    new Promise<object>((resolve, reject) => {
      const answer = auth(resolve) as PromiseLike<object> | undefined;
      // Whichever comes first: an `async` function may also call back, and then returns nothing.
      if (answer?.then) answer.then(resolve, reject);
    }).then(
      join,
      io._current((error) => io._fail('auth', 'auth failed', error)),
    );
  }

  _receive({ type, id, data }: Packet): void {
    if (type === CONNECT) this._onConnect(data as { sid?: string; pid?: string } | undefined);
    else if (type === EVENT) {
      const args = (data || []) as unknown[];
      if (id !== undefined) {
        let sent = false;
        args.push((...answer: unknown[]) => {
          if (sent) return;
          sent = true;
          this._send(ACK, answer, id);
        });
      }
      if (this.connected) this._deliver(args);
      else this._keep(this.receiveBuffer, args);
    } else if (type === ACK) this._answer(id, '', data as unknown[]);
    else if (type === DISCONNECT) {
      this._leave();
      this._end('io server disconnect');
    } else if (!this.connected) {
      // CONNECT_ERROR: an object, or in older servers a text.
      const { message, data: more } = (data || '') as { message: string; data: unknown };
      this._leave();
      this._fail(connectError('refused', message || `${data}`, undefined, more));
    }
  }

  _fail(error: ConnectError | Error): void {
    if (this.connected) return;
    this._dispatch('connect_error', error);
    this._settle(error);
  }

  _end(reason: DisconnectReason, details?: unknown): void {
    this.connected = false;
    this.id = undefined;
    this._dispatch('disconnect', reason, details);
    this._acks.forEach((_, id) => {
      if (!this.sendBuffer.some((packet) => packet.id === id)) this._answer(id, 'disconnected');
    });
    this._settle(connectError('transport', reason, details));
  }

  // ------------------------------------------------------------------------------------------------------

  private _onConnect({ sid, pid }: { sid?: string; pid?: string } = {}): void {
    if (sid) {
      this.id = sid;
      this.recovered = !!pid && this._pid === pid;
      this._pid = pid;
      this.connected = true;
      const received = this.receiveBuffer.splice(0);
      const unsent = this.sendBuffer.splice(0);
      for (const args of received) this._deliver(args);
      for (const packet of unsent) this._callSafely(this._write, [packet]);
      this._attempt();
      this._dispatch('connect');
      this._settle();
    } else this._fail(connectError('refused', 'parse error'));
  }

  private _deliver(args: unknown[]): void {
    this._callListeners(INCOMING, args);
    this._callListeners(args[0], args.slice(1));
    const last = args[args.length - 1];
    // Connection state recovery: the server appends the event's offset to its arguments.
    if (this._pid && typeof last === 'string') this._offset = last;
  }

  private _sendEvent(data: readonly unknown[], ack?: AckFn, timeout?: number, volatile?: boolean): void {
    const id = ack && this._ids++;
    const packet: Packet = { type: EVENT, nsp: this.nsp, id, data };
    if (ack) this._expect(id, ack, timeout);
    if (volatile && !this.io._writable) this._answer(packet.id, 'dropped');
    else if (this.connected && this.io._usable()) this._write(packet);
    else this._keep(this.sendBuffer, packet);
  }

  /** Keeps a callback until its answer comes. @param timeout ms; with one, it gets an error first */
  private _expect(id: number | undefined, ack: AckFn, timeout: number | undefined): void {
    let waiting = ack;
    if (timeout !== undefined) {
      const cancelTimer = this.io.options.clock.after(timeout, () => {
        this.sendBuffer = this.sendBuffer.filter((packet) => packet.id !== id);
        this._answer(id, 'timeout');
      });
      waiting = (...answer: never[]) => {
        cancelTimer();
        ack.apply(this, answer);
      };
      waiting._errorFirst = true;
    }
    this._acks.set(id, waiting);
  }

  /**
   * Calls the callback with the answer, or with the failure; an unknown id is ignored.
   * @param failure why there is no answer; a callback that is not error-first is not called then
   */
  private _answer(id: number | undefined, failure: string, answer: readonly unknown[] = []): void {
    const ack = this._acks.get(id);
    if (!ack) return;
    this._acks.delete(id);
    if (ack._errorFirst) this._callSafely(ack, [failure ? new Error(failure) : null, ...answer]);
    else if (!failure) this._callSafely(ack, answer);
  }

  /**
   * With `retries`: sends the head of the queue unless it is in flight, and again when its acknowledgement fails. So events
   * arrive in order, each at least once.
   */
  private _attempt(): void {
    const head = this._queue[0];
    if (!head || head._pending || !this.connected || !this.io._usable()) return;
    const ack: AckFn = (...answer: unknown[]) => {
      head._pending = false;
      if (!answer[0] || head._attempts > (this._retries as number)) {
        this._queue.shift();
        if (head._fn) this._callSafely(head._fn, answer);
      }
      this._attempt();
    };
    ack._errorFirst = true;
    this._sendEvent(head.data, ack, head._timeout);
    head._pending = true;
    head._attempts++;
  }

  private _send(type: number, data?: unknown, id?: number): void {
    this.io._send({ type, nsp: this.nsp, id, data });
  }

  private _write(packet: Packet): void {
    this._callListeners(OUTGOING, packet.data as unknown[]);
    this.io._send(packet);
  }

  /** Adds to a bounded buffer; the oldest item is dropped for it. */
  private _keep<T>(buffer: T[], item: T): void {
    buffer.push(item);
    if (buffer.length > this.io.options.maxBuffered) {
      this.io._dispatch('drop', this.nsp, buffer[0]);
      this._answer((buffer.shift() as Partial<Packet>).id, 'dropped');
    }
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
