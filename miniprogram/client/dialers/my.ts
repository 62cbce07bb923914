/** `cloudbase-socketio-client/my`: mini-programs of Alipay. */
import { platformOf } from '../platform.ts';
import type { CallbackDial, SocketTask } from './dial.ts';

/** Text; or binary: base64 with `isBuffer` (opendocs.alipay.com/mini/api, "my.sendSocketMessage" and "my.onSocketMessage"). */
interface Body {
  data: unknown;
  isBuffer?: boolean;
}
interface AlipayTask extends Pick<SocketTask, 'onClose' | 'onError' | 'close'> {
  onMessage(fn: (message: Body | { data: Body }) => void): void;
  send(option: Body & Omit<Parameters<SocketTask['send']>[0], 'data'>): void;
}
declare const my: {
  arrayBufferToBase64(buffer: ArrayBuffer): string;
  base64ToArrayBuffer(text: string): ArrayBuffer;
  connectSocket(option: {
    url: string;
    header: Record<string, string>;
    multiple: true;
    fail: (error: unknown) => void;
  }): AlipayTask | undefined;
};

const taskOf = (task: AlipayTask): SocketTask => ({
  onMessage: (fn) =>
    task.onMessage((message) => {
      // The page of the SocketTask shows the body as `data`, the page of the global event as the message itself.
      const inner = message.data as Body;
      const { data, isBuffer } = typeof inner === 'object' && 'data' in inner ? inner : (message as Body);
      fn({ data: isBuffer && typeof data === 'string' ? my.base64ToArrayBuffer(data) : data });
    }),
  onClose: (fn) => task.onClose(fn),
  onError: (fn) => task.onError(fn),
  send({ data, success, fail }) {
    const isBuffer = typeof data !== 'string';
    task.send({ data: isBuffer ? my.arrayBufferToBase64(data) : data, isBuffer, success, fail });
  },
  close: (option) => task.close(option),
});

/**
 * `my.connectSocket` with `multiple: true`, which returns a socket of its own (base library ≥ 2.3.1; at most five). Binary travels
 * between the app and the runtime as base64, on the wire as it is.
 * @param base `wss://host`, in the list of socket domains; default: the option `service`
 */
export const connectSocket =
  (base?: string): CallbackDial =>
  ({ service, path, header }, opened, fail) => {
    const task = my.connectSocket({ url: (base || service) + path, header, multiple: true, fail });
    if (task) opened(taskOf(task));
    else fail({ errMsg: 'no SocketTask' });
  };

/** Life cycle of the app and network, for the option `platform`. */
export const platform = platformOf(() => typeof my === 'object' && my);
