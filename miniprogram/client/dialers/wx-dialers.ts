import type { CallbackDial, ContainerCloud, SocketTask } from './dial.ts';
import { type ConnectSocket, socketDialer } from './socket-dialer.ts';

declare const wx: { cloud: ContainerCloud; connectSocket: ConnectSocket };

/**
 * The default dialer: `wx.cloud.connectContainer` (base library ≥ 2.21.1), which needs no filed domain.
 * `config.env` is sent only when given; otherwise the environment of `wx.cloud.init` holds.
 */
export const connectContainer: CallbackDial = ({ service, path, header, env, cloud }, opened, fail) =>
  (cloud || wx.cloud).connectContainer(
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
 * @param base `wss://host`, in the mini-program's list of socket domains; default: the option `service`
 */
export const connectSocket = socketDialer(() => wx);
