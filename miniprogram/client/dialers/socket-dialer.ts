import type { CallbackDial, SocketTask } from './dial.ts';

/** `connectSocket` of a runtime; with a callback among its options it returns the socket itself, not a promise. */
export type ConnectSocket = (option: {
  url: string;
  header: Record<string, string>;
  fail: (error: unknown) => void;
}) => SocketTask;

/**
 * Makes the dialers of a runtime that opens sockets as WeChat does.
 * @returns takes `wss://host`, default: the option `service`, and gives the dialer
 */
export const socketDialer =
  (source: () => { connectSocket: ConnectSocket }) =>
  (base?: string): CallbackDial =>
  ({ service, path, header }, opened, fail) =>
    opened(source().connectSocket({ url: (base || service) + path, header, fail }));
