import type { Dial, DialRequest, SocketTask } from './dial.ts';

interface ContainerOption {
  service: string;
  path: string;
  header: Record<string, string>;
  config?: { env: string };
}
declare const wx: {
  cloud: { connectContainer(option: ContainerOption): Promise<{ socketTask: SocketTask }> };
  connectSocket(option: { url: string; header: Record<string, string> }): SocketTask;
};

/**
 * The default dialer: `wx.cloud.connectContainer` (base library ≥ 2.21.1), which needs no filed domain.
 * `config.env` is sent only when given; otherwise the environment of `wx.cloud.init` holds.
 */
export const connectContainer = ({ service, path, header, env }: DialRequest): Promise<SocketTask> => {
  const option: ContainerOption = Object.assign({ service, path, header }, env && { config: { env } });
  return wx.cloud.connectContainer(option).then((result) => result.socketTask);
};

/**
 * For people who have a filed domain: `wx.connectSocket`.
 * @param base `wss://host`, in the mini-program's list of socket domains
 */
export const connectSocket =
  (base: string): Dial =>
  ({ path, header }) =>
    wx.connectSocket({ url: base + path, header });
