import { waitMs } from '../../lib/backoff.ts';
import { Emitter } from '../../lib/emitter.ts';
import {
  CLOSED,
  type ConnectionEvents,
  type Handshake,
  IS_OPEN,
  type Namespace,
  OPENING,
  type State,
} from './connection.types.ts';
import { closeTask, type SocketTask } from './dialers/dial.ts';
import { CLOSE, engineType, MESSAGE, NOOP, OPEN, PING, PONG } from './engine-codec.ts';
import { type ConnectError, type ConnectErrorCode, connectError, type DisconnectReason } from './errors.ts';
import { addressOf, type ConnectionOptions, DEFAULTS } from './options.ts';
import { readable } from './packet-log.ts';
import { createDecoder, type Decoder, encodePacket, type Packet, parseJson } from './socket-codec.ts';

/**
 * A connection that closes within this time after the app was shown or the network returned, ms, was lost while the app was
 * hidden or the network away. The next attempt is then made without a wait.
 */
const RETURN_GRACE_MS = 5000;
const MAX_LOG_CHARS = 300;
/** A timer takes less than 2³¹; a larger number would fire at once. */
const MAX_TIMER_MS = 2e9;

/**
 * One transport and its namespaces: dials, keeps the heartbeat, reconnects, routes. What socket.io-client calls a
 * Manager. A session is one dial and its socket; there is never more than one, and what an earlier one sends is ignored.
 */
export class Connection extends Emitter<ConnectionEvents> {
  /** May be changed at any time; the next attempt reads them. */
  readonly options: ConnectionOptions;
  /** The server's id of the session. */
  id: string | undefined;
  /** False from a write to the end of that turn; `volatile` events are dropped then. */
  _writable?: boolean;
  _state: State = CLOSED;
  /** True from a loss to the next success: an attempt is pending or running. */
  _reconnecting?: boolean;
  /** Epoch ms by which the server's next ping is due; only pings count, not data (Engine.IO v4). */
  _deadline!: number;
  readonly _namespaces = new Map<string, Namespace>();
  /** Of the present session. Its identity tells a callback whether its session is over. */
  _decoder: Decoder | undefined;

  private _task: SocketTask | undefined;
  private _onFail: ((context: unknown) => void) | undefined;
  private _maxSilenceMs!: number;
  /** Attempts since the last success or loss. */
  private _attempts = 0;
  /** Cancels the timer: for the handshake while opening, for the next ping while open, for the next attempt while closed. */
  private _cancelTimer: () => void = () => {};
  /** `open` was called, and `close` was not called since. */
  private _wanted?: boolean;
  private _hidden: boolean | undefined;
  private _returnedAt?: number | undefined;
  private _unwatch: (() => void) | undefined;

  constructor(options: Partial<ConnectionOptions>) {
    super();
    const resolved = Object.assign({}, DEFAULTS) as ConnectionOptions;
    for (const key of Object.keys(options) as never[])
      if (options[key] !== undefined) resolved[key] = options[key];
    this.options = resolved;
  }

  /** Dials unless it is open or being opened. */
  open(): void {
    if (this._state !== CLOSED) return;
    const { service, env, cloud, header, dial, timeout } = this.options;
    const decoder = createDecoder();
    this._decoder = decoder;
    this._state = OPENING;
    this._wanted = true;
    this._watch();
    this._arm(timeout, () => this._fail('timeout', 'timeout'));
    const fail = this._current((context: unknown) => this._fail('transport', 'transport error', context));
    this._onFail = fail;
    // In the turn in which there is a socket: its first frame may come in the next one.
    const opened = (task?: SocketTask): void => {
      if (!task) return;
      if (decoder === this._decoder) {
        this._task = task;
        task.onMessage(this._current((message) => this._receive(message.data)));
        task.onClose(this._current((event) => this._end('transport close', event)));
        task.onError(fail);
        // Otherwise the dial took longer than its timeout, or the connection was closed meanwhile.
      } else closeTask(task);
    };
    new Promise<SocketTask>((resolve) =>
      resolve(
        dial({ service, path: addressOf(this.options), header, env, cloud }, opened, fail) as SocketTask,
      ),
    )
      .then(opened)
      .catch(fail);
  }

  /** Closes for good: no reconnection until somebody opens it again. */
  close(): void {
    this._wanted = this._reconnecting = false;
    this._attempts = 0;
    this._end('forced close');
    if (this._unwatch) this._unwatch();
    this._unwatch = this._hidden = undefined;
  }

  /**
   * Whether an event can be sent now. An overdue ping (phones hold timers back) ends the session in a microtask, so that
   * the caller's event is buffered first and sent after the reconnection.
   */
  _usable(): boolean {
    // Checked before the first write of a turn only: reading the clock takes longer than sending an event.
    const expired = this._writable && this._expired();
    if (expired) Promise.resolve().then(this._current(() => this._end('ping timeout')));
    return this._state === IS_OPEN && !expired;
  }

  /** @throws TypeError for data that JSON cannot hold */
  _send(packet: Packet): void {
    const attachments: ArrayBuffer[] = [];
    const text = encodePacket(packet, attachments);
    this._log('→', packet);
    // Synchronously, since no other frame may be sent between a packet and its attachments.
    this._write(text);
    for (const attachment of attachments) this._write(attachment);
  }

  /** Calls the listeners, and writes to the log. */
  protected override _callListeners(event: unknown, args: readonly unknown[]): void {
    this._log(event === 'packet' ? '←' : event, args[0]);
    super._callListeners(event, args);
  }

  /** Ends the session. @param details with `transport error`: a `ConnectError` */
  _end(reason: DisconnectReason, details?: unknown): void {
    const wasOpen = this._state === IS_OPEN;
    this._cancelTimer();
    if (this._state === CLOSED) return;
    this._state = CLOSED;
    this._decoder = this.id = undefined;
    this._writable = false;
    closeTask(this._task);
    const failed = reason === 'transport error';
    const error = failed ? details : connectError('transport', reason, details);
    const again = this._reconnecting;
    this._reconnecting = false;
    if (failed || (!wasOpen && this._wanted)) {
      this._forActive((namespace) => namespace._fail(error as ConnectError));
      this._dispatch('error', error);
    }
    if (wasOpen || !this._wanted) {
      this._attempts = 0;
      this._forActive((namespace) => namespace._end(reason, details));
      this._dispatch('close', reason, details);
    }
    this._reconnect();
    if (again) this._dispatch('reconnect_error', error);
  }

  /** Ends the session with an error. */
  _fail(code: ConnectErrorCode, message: string, context?: unknown): void {
    this._end('transport error', connectError(code, message, context));
  }

  /** One frame of the server. */
  _receive(frame: unknown): void {
    const type = engineType(frame);
    if (type === MESSAGE) this._deliver(frame);
    else if (type === PING) {
      this._write(`${PONG}`);
      this._expect();
      this._dispatch('ping');
    } else if (type === OPEN) this._onOpen((parseJson((frame as string).slice(1)) || {}) as Handshake);
    else if (type === CLOSE) this._end('transport close');
    else if (!(type <= NOOP)) this._fail('transport', 'parse error');
  }

  _deliver(frame: unknown): void {
    let packet: Packet | undefined;
    try {
      packet = this._state === IS_OPEN ? (this._decoder as Decoder)(frame) : undefined;
    } catch (error) {
      this._end('parse error', error);
    }
    if (!packet) return;
    this._dispatch('packet', packet);
    const namespace = this._namespaces.get(packet.nsp);
    if (namespace?.active) namespace._receive(packet);
  }

  private _onOpen({ sid, pingInterval, pingTimeout }: Handshake): void {
    if (this._state !== OPENING) return;
    this._maxSilenceMs = pingInterval + pingTimeout;
    if (!sid || !Number.isFinite(this._maxSilenceMs)) {
      this._fail('transport', 'parse error');
      return;
    }
    const attempt = this._reconnecting && this._attempts;
    this._reconnecting = false;
    this.id = sid;
    this._state = IS_OPEN;
    this._writable = true;
    this._expect();
    this._forActive((namespace) => namespace._onOpen());
    this._dispatch('open');
    if (attempt) this._dispatch('reconnect', attempt);
  }

  /** Calls `fn` after `ms`; cancels the timer before. */
  private _arm(ms: number | false, fn: () => void): void {
    this._cancelTimer();
    if (ms !== false) this._cancelTimer = this.options.clock.after(ms, fn);
  }

  private _expect(): void {
    this._deadline = this.options.clock.now() + this._maxSilenceMs;
    this._arm(Math.min(this._maxSilenceMs, MAX_TIMER_MS), () => this._end('ping timeout'));
  }

  private _expired(): boolean {
    return this._state === IS_OPEN && this.options.clock.now() > this._deadline;
  }

  private _write(data: string | ArrayBuffer): void {
    if (this._state !== IS_OPEN) return;
    if (this._writable) {
      this._writable = false;
      Promise.resolve().then(() => {
        this._writable = this._state === IS_OPEN;
      });
    }
    (this._task as SocketTask).send({ data, fail: this._onFail });
  }

  /** The function; after the end of the present session its calls do nothing. */
  _current<T>(fn: (value: T) => void): (value: T) => void {
    const decoder = this._decoder;
    return (value) => {
      if (decoder === this._decoder) fn(value);
    };
  }

  _forActive(what: (namespace: Namespace) => void): void {
    for (const namespace of [...this._namespaces.values()]) if (namespace.active) what(namespace);
  }

  /** Makes the next attempt `delay` ms from now, in whatever state it is: see `BaseSocket.reconnect`. */
  _restart(delay: number): void {
    this._wanted = true;
    this._watch();
    this._end('forced close');
    this._reconnect();
    if (this._reconnecting) this._wait(delay);
  }

  private _reconnect(): void {
    const { options } = this;
    // A listener may have opened it, or asked for an attempt.
    if (this._reconnecting || this._state !== CLOSED || !options.reconnection || !this._wanted) return;
    if (this._attempts >= options.reconnectionAttempts) {
      this._attempts = 0;
      this._dispatch('reconnect_failed');
    } else {
      this._reconnecting = true;
      const wait = waitMs(
        options.reconnectionDelay,
        options.reconnectionDelayMax,
        options.randomizationFactor,
        this._attempts++,
        options.random,
      );
      const atOnce = options.clock.now() - (this._returnedAt as number) < RETURN_GRACE_MS;
      this._returnedAt = undefined;
      this._wait(atOnce ? 0 : wait);
    }
  }

  /** In the background a new socket would be closed again within seconds: `show` makes the attempt. */
  private _wait(ms: number): void {
    if (!this._hidden) this._arm(ms, () => this._attempt());
  }

  /** Makes the pending attempt now; does nothing where none is pending. */
  _attempt(): void {
    if (this._reconnecting && this._state === CLOSED) {
      this._cancelTimer();
      if (this.options.reconnection) this._dispatch('reconnect_attempt', this._attempts);
      else this.close();
      // A listener may have closed the connection, or opened it.
      if (this._reconnecting) this.open();
    }
  }

  private _watch(): void {
    const { platform, clock } = this.options;
    if (this._unwatch || !platform) return;
    const comeBack = (): void => {
      this._returnedAt = clock.now();
      if (this._expired()) this._end('ping timeout');
      if (!this._hidden) this._attempt();
    };
    this._unwatch = platform({
      show: () => {
        this._hidden = false;
        comeBack();
      },
      hide: () => {
        this._hidden = true;
        if (this._state === CLOSED) this._cancelTimer();
      },
      network: ({ isConnected }) => {
        if (isConnected) comeBack();
        else this._end('transport close', { reason: 'network lost' });
      },
    });
  }

  /** Throws a listener's error from a timer, so that it reaches the runtime's error handler (`App.onError`) and nothing else. */
  _report(error: unknown): void {
    this.options.clock.after(0, () => {
      throw error;
    });
  }

  /** Logs one line. @param about a packet, or the argument of an event of the connection */
  private _log(what: unknown, about: unknown): void {
    const { debug, logger } = this.options;
    if (!debug) return;
    let text: unknown;
    try {
      text = JSON.stringify(about, readable);
    } catch (error) {
      // Nested too deeply, or in a circle.
      text = error;
    }
    logger(`${what} ${text || ''}`.slice(0, MAX_LOG_CHARS));
  }
}
