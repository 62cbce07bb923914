import { io, WebSocket as WebSocketTransport } from 'socket.io-client';
import {
  type ContainerSocket,
  connectContainerSocket,
} from '../../../miniprogram/client/container-socket.ts';
import type { ContainerCloud } from '../../../miniprogram/client/dialers/dial.ts';
import { createFakeWx } from '../../../miniprogram/client/testing/fake-wx.ts';
import { type Io, socketIoClient } from './socketio.ts';
import { type VoiceClient, versionOf } from './types.ts';

/** The official client's WebSocket transport, on a socket that a strict `wx.cloud.connectContainer` opens. */
class ContainerTransport extends WebSocketTransport {
  override createSocket(
    uri: string,
    _protocols: unknown,
    { headers }: { headers?: Record<string, string> },
  ): ContainerSocket {
    const [, service = '', path = ''] = /^(wss?:\/\/[^/]+)(.*)/.exec(uri) ?? [];
    const { wx } = createFakeWx({ services: (name) => name });
    return connectContainerSocket({
      service,
      path,
      cloud: wx.cloud as unknown as ContainerCloud,
      ...(headers && { header: headers }),
    });
  }
}

const throughContainer: Io = (url, options) =>
  io(url, { ...options, transports: [ContainerTransport as never] }) as never;

/** socket.io-client as it runs in a mini-program: over this project's WebSocket for containers. */
export const CONTAINER_SOCKET_CLIENT: VoiceClient = socketIoClient(
  `socket.io-client ${versionOf('socket.io-client')}，connectContainerSocket`,
  async () => throughContainer,
  ['auth', 'query', 'bearer'],
);
