import { Buffer } from 'node:buffer';
import type { FakeSocketTask, Frame } from './fake-socket-task.ts';
import { createFakeWx } from './fake-wx.ts';

interface Callbacks {
  success?: (result: object) => void;
  fail?: (error: { errMsg: string }) => void;
  complete?: (result: object) => void;
}
interface SocketOption extends Callbacks {
  url: string;
  header?: Record<string, string>;
}

/** Refuses options that no runtime of a mini-program takes. */
function checked({ url, header = {} }: SocketOption): { url: string; header: Record<string, string> } {
  if (!/^wss?:\/\//.test(url)) throw new Error(`connectSocket:fail invalid url ${url}`);
  return { url, header };
}

function bufferOf(base64: string): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = Buffer.from(base64, 'base64');
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

/** What Alipay's `SocketTask` takes and gives for binary: base64, marked (opendocs.alipay.com/mini/api, "my.sendSocketMessage"). */
interface Body {
  data: string;
  isBuffer?: boolean;
}

/** Alipay's `SocketTask`: `send` takes text, or base64 with `isBuffer`; no ArrayBuffer. */
class AlipayTask {
  /** Whether the body of a message is `data`, as the page of the SocketTask shows it, or the message itself, as that of the global event. */
  static nested = true;
  private task: FakeSocketTask;

  constructor(task: FakeSocketTask) {
    this.task = task;
  }

  onOpen = (fn: () => void): void => this.task.onOpen(fn);
  onClose = (fn: (event: { code: number; reason: string }) => void): void => this.task.onClose(fn);
  onError = (fn: (event: { errMsg: string }) => void): void => this.task.onError(fn);
  close = (option: { code?: number; reason?: string }): void => this.task.close(option);

  onMessage(fn: (message: Body | { data: Body }) => void): void {
    this.task.onMessage(({ data }) => {
      const body: Body =
        typeof data === 'string' ? { data } : { data: Buffer.from(data).toString('base64'), isBuffer: true };
      fn(AlipayTask.nested ? { data: body } : body);
    });
  }

  send({ data, isBuffer, ...callbacks }: Body & Callbacks): void {
    if (typeof data !== 'string') {
      callbacks.fail?.({ errMsg: 'sendSocketMessage:fail invalid parameter' });
      return;
    }
    const frame: Frame = isBuffer ? bufferOf(data) : data;
    this.task.send({ data: frame, ...(callbacks as object) });
  }
}

/** The runtimes of other mini-programs, each as strict as its documentation says. Sockets are real ones. */
export function createFakeRuntimes() {
  const fake = createFakeWx({ services: {} });
  const { connectSocket, cloud: _cloud, ...hooks } = fake.wx;
  return {
    fake,
    /** uni-app: a socket where there is a callback among the options, otherwise a promise (uniapp.dcloud.net.cn, "uni.connectSocket"). */
    uni: {
      ...hooks,
      connectSocket(option: SocketOption): unknown {
        const task = connectSocket(checked(option));
        return option.success || option.fail || option.complete ? task : Promise.resolve(task);
      },
    },
    /** Taro: always a promise (docs.taro.zone, "Taro.connectSocket"). */
    taro: { ...hooks, connectSocket: async (option: SocketOption) => connectSocket(checked(option)) },
    /** Douyin (developer.open-douyin.com, "tt.connectSocket"). */
    tt: { ...hooks, connectSocket: (option: SocketOption) => connectSocket(checked(option)) },
    /** Alipay: a socket only with `multiple` (opendocs.alipay.com/mini/api, "my.connectSocket"). */
    my: {
      ...hooks,
      arrayBufferToBase64: (buffer: ArrayBuffer) => Buffer.from(buffer).toString('base64'),
      base64ToArrayBuffer: (text: string) => bufferOf(text),
      connectSocket(option: SocketOption & { multiple?: boolean }): AlipayTask | undefined {
        const { url, header } = checked(option);
        return option.multiple ? new AlipayTask(connectSocket({ url, header })) : undefined;
      },
    },
    setNested(nested: boolean): void {
      AlipayTask.nested = nested;
    },
  };
}
export type FakeRuntimes = ReturnType<typeof createFakeRuntimes>;
