/** `cloudbase-socketio-client/tt`: mini-programs of Douyin. */
import { platformOf } from '../platform.ts';
import { type ConnectSocket, socketDialer } from './socket-dialer.ts';

declare const tt: { connectSocket: ConnectSocket };

/**
 * `tt.connectSocket`, whose sockets are as WeChat's (developer.open-douyin.com, "tt.connectSocket").
 * @param base `wss://host`, in the list of socket domains; default: the option `service`
 */
export const connectSocket = socketDialer(() => tt);

/** Life cycle of the app and network, for the option `platform`. */
export const platform = platformOf(() => typeof tt === 'object' && tt);
