import type { Device, SocketEvent } from '../device.ts';
import { type CallbackOptions, createListeners, type WxContext, WxError } from './call.ts';

type Task = WechatMiniprogram.SocketTask;

/** WebSocket close reason, in bytes of UTF-8 (RFC 6455, section 5.5). */
const MAX_REASON_BYTES = 123;
/** WeChat allows this many sockets per mini-program at once. */
const MAX_SOCKETS = 5;
const ABNORMAL_CLOSURE = 1006;

/** The page closes its socket with this code when the simulated network is gone (read by host/sockets.ts). */
const CUT_CODE = 4000;

/** Runs a method of a task and reports its outcome by callback only, as WeChat does. */
const report = ({ success, fail, complete }: CallbackOptions, name: string, run: () => void): void => {
  try {
    run();
    success?.({ errMsg: `${name}:ok` });
    complete?.({ errMsg: `${name}:ok` });
  } catch (error) {
    const errMsg = `${name}:fail ${error instanceof Error ? error.message : String(error)}`;
    fail?.({ errMsg });
    complete?.({ errMsg });
  }
};

/** Number of the newest socket, for those who watch them. */
let lastNumber = 0;
/** Sockets that are open or opening. */
const sockets = new Set<ShimSocket>();
const watched = new WeakSet<Device>();

const watchDevice = (device: Device): void => {
  if (watched.has(device)) return;
  watched.add(device);
  device.on('cut', (reason) => {
    for (const socket of [...sockets]) socket.cut(reason);
  });
};

/**
 * A WebSocket with WeChat's interface. Listeners can only be added; `send` takes text or an ArrayBuffer and
 * nothing else, as on the phone.
 */
class ShimSocket {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readonly #socket: WebSocket;
  readonly #opened = createListeners<(result: { header: object; profile: object }) => void>();
  readonly #message = createListeners<(result: { data: string | ArrayBuffer }) => void>();
  readonly #error = createListeners<(result: { errMsg: string }) => void>();
  readonly #closed = createListeners<(result: { code: number; reason: string }) => void>();
  readonly #watch: (what: SocketEvent) => void;
  #ended = false;

  /** @param watch is told what happens on the socket */
  constructor(url: string, protocols: string[], watch: (what: SocketEvent) => void) {
    this.#watch = watch;
    this.#socket = new WebSocket(url, protocols);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onopen = () => {
      if (this.#ended) return;
      this.#watch({ kind: 'opened' });
      this.#opened.emit({ header: {}, profile: {} });
    };
    this.#socket.onmessage = ({ data }) => {
      if (this.#ended) return;
      this.#watch({ kind: 'received', data });
      this.#message.emit({ data });
    };
    this.#socket.onclose = ({ code, reason, wasClean }) =>
      this.#end(code, reason, wasClean ? undefined : 'fail 未完成的操作');
  }

  get readyState(): number {
    return this.#ended ? this.CLOSED : this.#socket.readyState;
  }

  readonly onOpen = this.#opened.on;
  readonly onMessage = this.#message.on;
  readonly onError = this.#error.on;
  readonly onClose = this.#closed.on;

  readonly send = (options: WechatMiniprogram.SocketTaskSendOption): void =>
    report(options, 'sendSocketMessage', () => {
      const { data } = options;
      if (typeof data !== 'string' && !(data instanceof ArrayBuffer))
        throw new TypeError('parameter.data should be String or ArrayBuffer');
      if (this.readyState !== this.OPEN) throw new Error('SocketTask.readyState is not OPEN');
      this.#socket.send(data);
      this.#watch({ kind: 'sent', data });
    });

  readonly close = (options: WechatMiniprogram.SocketTaskCloseOption = {}): void =>
    report(options, 'closeSocket', () => {
      const { code = 1000, reason = '' } = options;
      if (new TextEncoder().encode(reason).length > MAX_REASON_BYTES) throw new Error('reason is too long');
      this.#socket.close(code, reason);
    });

  /** Ends as with a lost network: the app is notified at once, without a closing handshake. */
  cut(reason: string): void {
    this.#end(ABNORMAL_CLOSURE, 'abnormal closure', `fail ${reason}`);
    // The host's proxy then drops the server's side without a closing frame.
    this.#socket.close(CUT_CODE, 'cut');
  }

  #end(code: number, reason: string, error?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    sockets.delete(this);
    this.#watch({ kind: 'closed' });
    if (error !== undefined) this.#error.emit({ errMsg: error });
    this.#closed.emit({ code, reason });
  }
}

/** @throws WxError when as many sockets are open as WeChat allows */
export const createSocketTask = (device: Device, url: string, protocols: string[] = []): Task => {
  watchDevice(device);
  if (sockets.size >= MAX_SOCKETS) throw new WxError('exceed max task count');
  lastNumber += 1;
  const number = lastNumber;
  const socket = new ShimSocket(url, protocols, (what) => device.reportSocket({ socket: number, ...what }));
  sockets.add(socket);
  if (!device.online) queueMicrotask(() => socket.cut('network is down'));
  return socket as unknown as Task;
};

/** `wx.connectSocket`: a socket to any address. */
export const socketApi = ({ device }: WxContext) => ({
  connectSocket: ((options: WechatMiniprogram.ConnectSocketOption) => {
    const task = createSocketTask(device, options.url, options.protocols);
    queueMicrotask(() => {
      const result = { errMsg: 'connectSocket:ok' };
      options.success?.(result as never);
      options.complete?.(result as never);
    });
    return task;
  }) as unknown as WechatMiniprogram.Wx['connectSocket'],
});
