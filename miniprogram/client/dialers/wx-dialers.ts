import type { CallbackDial, SocketTask } from './dial.ts';

interface ContainerOption {
  service: string;
  path: string;
  header: Record<string, string>;
  config?: { env: string };
  success: (result: { socketTask: SocketTask }) => void;
  fail: (error: unknown) => void;
}
declare const wx: {
  cloud: { connectContainer(option: ContainerOption): void };
  connectSocket(option: { url: string; header: Record<string, string> }): SocketTask;
};

/**
 * The default dialer: `wx.cloud.connectContainer` (base library ≥ 2.21.1), which needs no filed domain.
 * `config.env` is sent only when given; otherwise the environment of `wx.cloud.init` holds.
 */
export const connectContainer: CallbackDial = ({ service, path, header, env }, opened, fail) =>
  wx.cloud.connectContainer(
    Object.assign(
      {
        service,
        path,
        header,
        success: (result: { socketTask: SocketTask }) => opened(result.socketTask),
        fail,
      },
      env && { config: { env } },
    ),
  );

/**
 * For people who have a filed domain: `wx.connectSocket`.
 * @param base `wss://host`, in the mini-program's list of socket domains
 */
export const connectSocket =
  (base: string): CallbackDial =>
  ({ path, header }, opened) =>
    opened(wx.connectSocket({ url: base + path, header }));
