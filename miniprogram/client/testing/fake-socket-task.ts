import { WebSocket } from 'ws';

export type Frame = string | ArrayBuffer;

export interface SocketKnobs {
  /** Sees every frame that leaves. */
  onTx?: (frame: Frame) => void;
  /** Sees every frame that arrives. */
  onRx?: (frame: Frame) => void;
  /** A frame for which it returns true is lost on its way to the app. */
  dropRx?: (frame: Frame) => boolean;
  /** A frame for which it returns true fails to be sent. */
  failTx?: (frame: Frame) => boolean;
}

interface Callbacks {
  success?: (result: { errMsg: string }) => void;
  fail?: (error: { errMsg: string }) => void;
  complete?: (result: { errMsg: string }) => void;
}
type Handlers = {
  open: ((event: object) => void)[];
  message: ((event: { data: Frame }) => void)[];
  close: ((event: { code: number; reason: string }) => void)[];
  error: ((event: { errMsg: string }) => void)[];
};

const MAX_REASON_BYTES = 123;

/**
 * `SocketTask` as WeChat documents it, over a real socket, and strict where the phone is: `send` takes an object
 * with a string or an ArrayBuffer, no view; it fails before `onOpen`; there is no `off*`.
 */
export class FakeSocketTask {
  /** Frames that the app sent, oldest first. */
  readonly sent: Frame[] = [];
  readonly url: string;
  private socket: WebSocket;
  private knobs: SocketKnobs;
  private handlers: Handlers = { open: [], message: [], close: [], error: [] };

  constructor(url: string, header: Record<string, string>, knobs: SocketKnobs) {
    this.url = url;
    this.knobs = knobs;
    this.socket = new WebSocket(url, { headers: header, perMessageDeflate: false });
    this.socket.binaryType = 'arraybuffer';
    this.socket.on('open', () => this.notify('open', { header: {}, profile: {} }));
    this.socket.on('message', (data, binary) =>
      this.receive(binary ? (data as ArrayBuffer) : data.toString()),
    );
    this.socket.on('error', (error) =>
      this.notify('error', { errMsg: `connectSocket:fail ${error.message}` }),
    );
    this.socket.on('close', (code, reason) => this.notify('close', { code, reason: reason.toString() }));
  }

  /** False once it is closed for good. */
  get alive(): boolean {
    return this.socket.readyState !== WebSocket.CLOSED;
  }

  onOpen(fn: Handlers['open'][0]): void {
    this.handlers.open.push(fn);
  }
  onMessage(fn: Handlers['message'][0]): void {
    this.handlers.message.push(fn);
  }
  onClose(fn: Handlers['close'][0]): void {
    this.handlers.close.push(fn);
  }
  onError(fn: Handlers['error'][0]): void {
    this.handlers.error.push(fn);
  }

  send(option: { data: Frame } & Callbacks): void {
    const { data } = option;
    const isText = typeof data === 'string';
    if (!isText && Object.prototype.toString.call(data) !== '[object ArrayBuffer]') {
      settle(option, 'sendSocketMessage:fail parameter error: data should be String or ArrayBuffer', true);
      return;
    }
    if (this.socket.readyState !== WebSocket.OPEN || this.knobs.failTx?.(data)) {
      queueMicrotask(() => settle(option, 'sendSocketMessage:fail WebSocket is not connected', true));
      return;
    }
    // The runtime has its own copy at once: what the app does to the buffer later does not change what is sent.
    const frame = isText ? data : data.slice(0);
    this.sent.push(frame);
    this.knobs.onTx?.(frame);
    this.socket.send(frame, { binary: !isText }, (error) =>
      settle(option, error ? `sendSocketMessage:fail ${error.message}` : 'sendSocketMessage:ok', !!error),
    );
  }

  close(option: { code?: number; reason?: string } & Callbacks = {}): void {
    const { code = 1000, reason = '' } = option;
    if (Buffer.byteLength(reason) > MAX_REASON_BYTES) {
      settle(option, 'closeSocket:fail reason too long', true);
      return;
    }
    if (this.socket.readyState === WebSocket.CONNECTING) this.socket.terminate();
    else this.socket.close(code, reason);
    settle(option, 'closeSocket:ok', false);
  }

  /** The network is lost: the peer gets nothing, the app gets the events of a phone. */
  cut(): void {
    this.socket.terminate();
  }

  /** Delivers a frame as if the server had sent it, on an open socket or a closed one. */
  receive(frame: Frame): void {
    this.knobs.onRx?.(frame);
    if (!this.knobs.dropRx?.(frame)) this.notify('message', { data: frame });
  }

  private notify<E extends keyof Handlers>(event: E, argument: Parameters<Handlers[E][0]>[0]): void {
    for (const fn of this.handlers[event]) (fn as (argument: unknown) => void)(argument);
  }
}

function settle(callbacks: Callbacks, errMsg: string, failed: boolean): void {
  (failed ? callbacks.fail : callbacks.success)?.({ errMsg });
  callbacks.complete?.({ errMsg });
}
