/** `cloudbase-socketio-client/uni`: uni-app, on whatever it runs. */
import { platformOf } from '../platform.ts';
import { type ConnectSocket, socketDialer } from './socket-dialer.ts';

declare const uni: { connectSocket: ConnectSocket };

/**
 * `uni.connectSocket`, which returns the socket (not a promise) because it is given a callback.
 * @param base `wss://host`; default: the option `service`
 */
export const connectSocket = socketDialer(() => uni);

/** Life cycle of the app and network, for the option `platform`. */
export const platform = platformOf(() => typeof uni === 'object' && uni);
