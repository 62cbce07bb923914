import { NAMESPACE } from '../../../contract/stream.ts';
import { CloudBaseSocketIOClient } from '../../../miniprogram/client/cloudbase-socketio-client.ts';
import { nodeWs } from '../../../miniprogram/client/dialers/node-ws.ts';
import { type AnySocket, connectionOf } from './socketio.ts';
import { ConnectionRefused, type ConnectOptions, type VoiceClient } from './types.ts';

async function connect(url: string, options: ConnectOptions = {}) {
  const { ticket, place = 'auth', path } = options;
  const client = new CloudBaseSocketIOClient({
    namespace: NAMESPACE,
    dial: nodeWs(url.replace(/^http/, 'ws')),
    platform: null,
    reconnection: false,
    ...(path && { path }),
    ...(ticket && place === 'auth' && { auth: { ticket } }),
    ...(ticket && place === 'query' && { query: { ticket } }),
    ...(ticket && place === 'bearer' && { header: { authorization: `Bearer ${ticket}` } }),
  });
  try {
    await client.connect();
  } catch (error) {
    client.disconnect();
    throw new ConnectionRefused((error as { data?: { code?: string } }).data?.code, error);
  }
  const socket: AnySocket = {
    on: (event, listener) => client.on(event, listener as never),
    emit: (event, ...args) => client.emit(event, ...(args as never[])),
    close: () => client.disconnect(),
  };
  return connectionOf(socket, options);
}

/** This project's own client, over the `ws` package instead of `wx.cloud.connectContainer`. */
export const MINI_PROGRAM_CLIENT: VoiceClient = {
  name: '本项目的客户端',
  places: ['auth', 'query', 'bearer'],
  connect,
};
