import { type Clock, systemClock } from '../../lib/clock.ts';
import { exactBuffer, isBinary } from './binary.ts';
import { closeTask, type DialRequest, type SocketTask } from './dialers/dial.ts';
import { connectContainer } from './dialers/wx-dialers.ts';

/** What a {@link ContainerSocket} connects to. */
export interface ContainerSocketOptions extends Pick<DialRequest, 'service' | 'env' | 'cloud'> {
  /** Path and query. Default `/`. */
  path?: string | undefined;
  /** HTTP headers of the handshake. */
  header?: Record<string, string> | undefined;
  /** Ms from the call to the event `open`. Default 20000. */
  timeout?: number | undefined;
  /** Time and timers, for tests. Default: those of the runtime. */
  clock?: Clock | undefined;
}

/** What listeners get; which fields there are depends on the type. */
export interface ContainerSocketEvent {
  /** What happened. */
  readonly type: ContainerSocketEventType;
  /** The socket that it happened to. */
  readonly target: ContainerSocket;
  /** `message`: text, or an ArrayBuffer. */
  readonly data?: unknown;
  /** `close` */
  readonly code?: number;
  /** `close`: the reason that came with the close frame, or empty. */
  readonly reason?: string;
  /** `close`: a close frame came. */
  readonly wasClean?: boolean;
  /** `error`: what the runtime said. */
  readonly error?: unknown;
  /** `error`: the same as text. */
  readonly message?: string;
}
/** Names of the events, as of a `WebSocket`. */
export type ContainerSocketEventType = 'open' | 'message' | 'close' | 'error';
/** A listener of a {@link ContainerSocket}. */
export type ContainerSocketListener = (event: ContainerSocketEvent) => void;

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

const NORMAL = 1000;
/** No close frame came (RFC 6455, 7.4.1). */
const ABNORMAL = 1006;
const MAX_REASON_BYTES = 123;
const OPEN_TIMEOUT_MS = 20_000;
/** How long the runtime may take to report that the socket is closed, ms. */
const CLOSE_TIMEOUT_MS = 5000;

/** An error with the name that the WHATWG gives it. */
const domError = (name: string, message: string): Error => Object.assign(new Error(message), { name });

/** Bytes of a text as UTF-8. */
function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // Each half of a surrogate pair stands for two of its four bytes.
    const isHalf = unit >= 0xd800 && unit < 0xe000;
    bytes += unit < 0x80 ? 1 : unit < 0x800 || isHalf ? 2 : 3;
  }
  return bytes;
}

/**
 * A socket to a container with the shape of the browser's `WebSocket`, over `wx.cloud.connectContainer`: whatever library works on a
 * `WebSocket` runs in a mini-program without a filed domain. Binary is ArrayBuffers in both directions.
 * Differences: no `Blob`, no subprotocols; after an error `close` follows at once.
 */
export class ContainerSocket {
  /** Value of `readyState`: not open yet. */
  static readonly CONNECTING = CONNECTING;
  /** Value of `readyState`: data can be sent. */
  static readonly OPEN = OPEN;
  /** Value of `readyState`: being closed. */
  static readonly CLOSING = CLOSING;
  /** Value of `readyState`: closed. */
  static readonly CLOSED = CLOSED;
  /** As the static one. */
  readonly CONNECTING = CONNECTING;
  /** As the static one. */
  readonly OPEN = OPEN;
  /** As the static one. */
  readonly CLOSING = CLOSING;
  /** As the static one. */
  readonly CLOSED = CLOSED;

  /** `wss://`, the service and the path; for people, it is not dialled. */
  readonly url: string;
  /** Empty: there are no subprotocols. */
  readonly protocol = '';
  /** Empty: there are none. */
  readonly extensions = '';
  /** Binary messages are ArrayBuffers, whatever is set. */
  binaryType = 'arraybuffer';
  /** One of `CONNECTING`, `OPEN`, `CLOSING`, `CLOSED`. */
  readyState: 0 | 1 | 2 | 3 = CONNECTING;
  /** Bytes that were given to `send` and that the runtime has not taken yet. */
  bufferedAmount = 0;
  /** Called when it is open. */
  onopen: ContainerSocketListener | null = null;
  /** Called with every message. */
  onmessage: ContainerSocketListener | null = null;
  /** Called once, when it is closed. */
  onclose: ContainerSocketListener | null = null;
  /** Called when it failed; `onclose` follows. */
  onerror: ContainerSocketListener | null = null;

  private _listeners: { _type: string; _fn: ContainerSocketListener; _once: boolean | undefined }[] = [];
  private _task: SocketTask | undefined;
  private _clock: Clock;
  private _cancelTimer: () => void;

  constructor(options: ContainerSocketOptions) {
    const { service, env, cloud, path = '/', header = {}, timeout = OPEN_TIMEOUT_MS } = options;
    this.url = `wss://${service}${path}`;
    this._clock = options.clock || systemClock;
    const fail = (error: unknown): void => this._fail(error);
    this._cancelTimer = this._clock.after(timeout, () => fail('timeout'));
    try {
      connectContainer({ service, env, cloud, path, header }, (task) => this._use(task), fail);
    } catch (error) {
      // Nobody listens yet; a constructor of a WebSocket does not throw for what the network does.
      this._clock.after(0, () => fail(error));
    }
  }

  /** @throws InvalidStateError before `open`; TypeError for what is neither text nor binary. Once it is closing, data is discarded. */
  send(data: string | ArrayBuffer | ArrayBufferView): void {
    if (this.readyState === CONNECTING) throw domError('InvalidStateError', 'the socket is not open yet');
    const isText = typeof data === 'string';
    if (!isText && !(data && isBinary(data))) throw new TypeError('send takes text, ArrayBuffers and views');
    const frame = isText ? data : exactBuffer(data);
    const bytes = isText ? utf8Bytes(data) : data.byteLength;
    this.bufferedAmount += bytes;
    if (this.readyState !== OPEN) return;
    const taken = (): void => {
      this.bufferedAmount -= bytes;
    };
    (this._task as SocketTask).send({
      data: frame,
      success: taken,
      fail: (error) => {
        taken();
        this._fail(error);
      },
    });
  }

  /**
   * @param code 1000, the default, or 3000 to 4999 @param reason at most 123 bytes
   * @throws InvalidAccessError for another code; SyntaxError for a longer reason
   */
  close(code = NORMAL, reason = ''): void {
    if (code !== NORMAL && !(code >= 3000 && code < 5000))
      throw domError('InvalidAccessError', 'the code is neither 1000 nor 3000 to 4999');
    if (utf8Bytes(reason) > MAX_REASON_BYTES)
      throw domError('SyntaxError', `the reason has more than ${MAX_REASON_BYTES} bytes`);
    if (this.readyState >= CLOSING) return;
    const { _task } = this;
    const wasOpen = this.readyState === OPEN;
    this.readyState = CLOSING;
    this._cancelTimer();
    // What is closed while it is being opened is an error, as in a browser; never in the caller's turn.
    this._cancelTimer = this._clock.after(wasOpen ? CLOSE_TIMEOUT_MS : 0, () =>
      wasOpen ? this._close({ code: ABNORMAL }) : this._fail('closed before it was open'),
    );
    if (_task) closeTask(_task, { code, reason });
  }

  /** As of an `EventTarget`: the same listener of the same type is there once. */
  addEventListener(
    type: ContainerSocketEventType,
    fn: ContainerSocketListener | { handleEvent: ContainerSocketListener } | null,
    options?: boolean | { once?: boolean },
  ): void {
    if (!fn || this._indexOf(type, fn) >= 0) return;
    const once = typeof options === 'object' && options.once;
    this._listeners = this._listeners.concat({
      _type: type,
      _fn: fn as ContainerSocketListener,
      _once: once,
    });
  }

  /** Removes a listener of `addEventListener`; one that is not there is no error. */
  removeEventListener(
    type: ContainerSocketEventType,
    fn: ContainerSocketListener | { handleEvent: ContainerSocketListener } | null,
  ): void {
    const index = this._indexOf(type, fn);
    this._listeners = this._listeners.filter((_, at) => at !== index);
  }

  private _indexOf(type: string, fn: unknown): number {
    return this._listeners.findIndex(({ _type, _fn }) => _type === type && _fn === fn);
  }

  /** Takes the runtime's socket; it need not be open yet. */
  private _use(task: SocketTask): void {
    if (this.readyState !== CONNECTING) {
      closeTask(task);
      return;
    }
    this._task = task;
    const open = (): void => {
      if (this.readyState !== CONNECTING) return;
      this._cancelTimer();
      this.readyState = OPEN;
      this._emit('open');
    };
    task.onOpen?.(open);
    task.onMessage(({ data }) => {
      open();
      if (this.readyState === OPEN) this._emit('message', { data });
    });
    task.onClose((event) => this._close(event));
    task.onError((error) => this._fail(error));
  }

  /** Ends it with `error` and `close`. */
  private _fail(error: unknown): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSING;
    if (this._task) closeTask(this._task);
    const message = (error as { errMsg?: string } | undefined)?.errMsg || `${error}`;
    this._emit('error', { error, message });
    this._close({ code: ABNORMAL });
  }

  private _close({ code = ABNORMAL, reason = '' }: { code?: number; reason?: string }): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this._cancelTimer();
    this._emit('close', { code, reason, wasClean: code !== ABNORMAL });
  }

  /** What a listener throws is thrown again from a timer. */
  private _emit(type: ContainerSocketEventType, more?: object): void {
    const event: ContainerSocketEvent = Object.assign({ type, target: this }, more);
    const call = (fn: ContainerSocketListener | { handleEvent: ContainerSocketListener } | null): void => {
      try {
        if (typeof fn === 'function') fn.call(this, event);
        else if (fn) fn.handleEvent(event);
      } catch (error) {
        this._clock.after(0, () => {
          throw error;
        });
      }
    };
    call(this[`on${type}`]);
    for (const { _type, _fn, _once } of this._listeners)
      if (_type === type) {
        if (_once) this.removeEventListener(type, _fn);
        call(_fn);
      }
  }
}

/**
 * Opens a {@link ContainerSocket}.
 * @example
 * const socket = connectContainerSocket({ service: 'chat', path: '/ws' });
 * socket.onmessage = ({ data }) => console.log(data);
 */
export const connectContainerSocket = (options: ContainerSocketOptions): ContainerSocket =>
  new ContainerSocket(options);
