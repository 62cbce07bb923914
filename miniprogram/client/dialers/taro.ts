/** `cloudbase-socketio-client/taro`: Taro, on whatever it runs. Taro is a module, not a global: it is handed over. */
import { type Platform, platformOf } from '../platform.ts';
import type { Dial, SocketTask } from './dial.ts';

/** What is used of `import Taro from '@tarojs/taro'`. */
export interface TaroSockets {
  /** As `Taro.connectSocket`. */
  connectSocket(option: { url: string; header: Record<string, string> }): Promise<unknown>;
}

/**
 * `Taro.connectSocket`. Its promise brings the socket before the server can have answered the handshake over the network, so that no
 * frame is missed where promises are timers.
 * @param base `wss://host`; default: the option `service`
 */
export const connectSocket =
  (taro: TaroSockets, base?: string): Dial =>
  ({ service, path, header }) =>
    taro.connectSocket({ url: (base || service) + path, header }) as Promise<SocketTask>;

/** Life cycle of the app and network, for the option `platform`. */
export const platform = (taro: object): Platform => platformOf(() => taro);
