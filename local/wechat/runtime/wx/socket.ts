import type { Device } from '../device.ts';
import { type WxContext, WxError } from './call.ts';

type Task = WechatMiniprogram.SocketTask;

/** WebSocket close reason, in bytes of UTF-8 (RFC 6455, section 5.5). */
const MAX_REASON_BYTES = 123;
/** WeChat allows this many sockets per mini-program at once. */
const MAX_SOCKETS = 5;
const ABNORMAL_CLOSURE = 1006;

const open = new Set<WebSocket>();

/** Closes as a lost network does: no closing handshake is waited for, the app hears of it at once. */
type Cut = (reason: string) => void;
const cuts = new WeakMap<WebSocket, Cut>();
const watched = new WeakSet<Device>();

const watchDevice = (device: Device): void => {
  if (watched.has(device)) return;
  watched.add(device);
  device.on('cut', (reason) => {
    for (const socket of [...open]) cuts.get(socket)?.(reason);
  });
};

const errorOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * A WebSocket with WeChat's interface. Listeners can only be added; `send` takes text or an ArrayBuffer and
 * nothing else, as on the phone.
 */
export const createSocketTask = (device: Device, url: string, protocols: string[] = []): Task => {
  watchDevice(device);
  if (open.size >= MAX_SOCKETS) throw new WxError('exceed max task count');
  const on = {
    open: [] as ((result: { header: object; profile: object }) => void)[],
    message: [] as ((result: { data: string | ArrayBuffer }) => void)[],
    error: [] as ((result: { errMsg: string }) => void)[],
    close: [] as ((result: { code: number; reason: string }) => void)[],
  };
  let ended = false;
  const end = (code: number, reason: string, error?: string): void => {
    if (ended) return;
    ended = true;
    open.delete(socket);
    if (error !== undefined) for (const listener of on.error) listener({ errMsg: error });
    for (const listener of on.close) listener({ code, reason });
  };
  const socket = new WebSocket(url, protocols);
  socket.binaryType = 'arraybuffer';
  open.add(socket);
  cuts.set(socket, (reason) => {
    end(ABNORMAL_CLOSURE, 'abnormal closure', `fail ${reason}`);
    // The server learns of it from the proxy, which drops the connection without a closing frame.
    socket.close(4000, 'cut');
  });
  if (!device.online) queueMicrotask(() => cuts.get(socket)?.('network is down'));
  socket.onopen = () => {
    if (!ended) for (const listener of on.open) listener({ header: {}, profile: {} });
  };
  socket.onmessage = ({ data }) => {
    if (!ended) for (const listener of on.message) listener({ data });
  };
  socket.onclose = ({ code, reason, wasClean }) =>
    end(code, reason, wasClean ? undefined : 'fail 未完成的操作');
  const answer = (
    options: {
      success?: (result: never) => void;
      fail?: (result: never) => void;
      complete?: (result: never) => void;
    },
    name: string,
    run: () => void,
  ): void => {
    try {
      run();
      options.success?.({ errMsg: `${name}:ok` } as never);
      options.complete?.({ errMsg: `${name}:ok` } as never);
    } catch (error) {
      options.fail?.({ errMsg: `${name}:fail ${errorOf(error)}` } as never);
      options.complete?.({ errMsg: `${name}:fail ${errorOf(error)}` } as never);
    }
  };
  const task = {
    send: (options: WechatMiniprogram.SocketTaskSendOption) =>
      answer(options, 'sendSocketMessage', () => {
        const { data } = options;
        if (typeof data !== 'string' && !(data instanceof ArrayBuffer))
          throw new TypeError('parameter.data should be String or ArrayBuffer');
        if (ended || socket.readyState !== WebSocket.OPEN)
          throw new Error('SocketTask.readyState is not OPEN');
        socket.send(data);
      }),
    close: (options: WechatMiniprogram.SocketTaskCloseOption = {}) =>
      answer(options, 'closeSocket', () => {
        const { code = 1000, reason = '' } = options;
        if (new TextEncoder().encode(reason).length > MAX_REASON_BYTES) throw new Error('reason is too long');
        socket.close(code, reason);
      }),
    onOpen: (listener: (typeof on.open)[number]) => void on.open.push(listener),
    onMessage: (listener: (typeof on.message)[number]) => void on.message.push(listener),
    onError: (listener: (typeof on.error)[number]) => void on.error.push(listener),
    onClose: (listener: (typeof on.close)[number]) => void on.close.push(listener),
    get readyState() {
      return ended ? WebSocket.CLOSED : socket.readyState;
    },
    CONNECTING: 0,
    OPEN: 1,
    CLOSING: 2,
    CLOSED: 3,
  };
  return task as unknown as Task;
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
