import { NAMESPACE } from '../../../contract/stream.ts';
import {
  base64Of,
  ConnectionRefused,
  type ConnectOptions,
  type EventData,
  exactBuffer,
  type VoiceClient,
  type VoiceConnection,
  versionOf,
} from './types.ts';

type Listener = (...args: never[]) => void;

/** What every generation of Socket.IO's client has; each names its types differently, and some have none. */
export interface AnySocket {
  on(event: string, listener: Listener): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  close(): unknown;
}
export type Io = (url: string, options: object) => AnySocket;

/** The code of the refusal, however this generation hands it over. */
function codeOf(refusal: unknown): string | undefined {
  const given = (refusal ?? {}) as { code?: unknown; data?: { code?: unknown } };
  const code = given.data?.code ?? given.code;
  return typeof code === 'string' ? code : undefined;
}

/** Options of a connection with the ticket in its place. */
function optionsOf({ ticket, place, path, selfSigned }: ConnectOptions): object {
  return {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    // Version 2 would use the WebSocket that Node.js has since 22: it takes neither headers nor TLS options.
    forceNode: true,
    ...(path && { path }),
    ...(selfSigned && { rejectUnauthorized: false }),
    ...(ticket && place === 'auth' && { auth: { ticket } }),
    ...(ticket && place === 'query' && { query: { ticket } }),
    ...(ticket && place === 'bearer' && { extraHeaders: { authorization: `Bearer ${ticket}` } }),
  };
}

export function connectionOf(socket: AnySocket, { binary }: ConnectOptions): VoiceConnection {
  const given = (frame: Uint8Array): unknown => (binary === 'Uint8Array' ? frame : exactBuffer(frame));
  return {
    ask: (event, payload) =>
      new Promise((resolve) => {
        const args = payload === undefined ? [] : [payload];
        socket.emit(event, ...args, resolve);
      }),
    say: (event, payload) => {
      socket.emit(event, ...(payload === undefined ? [] : [payload]));
    },
    audio: (frame, pos, ...encoding) => {
      socket.emit('audio', ...(pos === undefined ? [] : [pos]), given(frame), ...encoding);
    },
    base64: (frame, pos, ...encoding) => {
      const audio = base64Of(frame);
      socket.emit('audio', ...(pos === undefined ? [{ audio }] : [pos, audio, ...encoding]));
    },
    on: (event, listener: (data: EventData) => void) => {
      socket.on(event, listener as Listener);
    },
    closed: new Promise((resolve) => socket.on('disconnect', () => resolve())),
    close: () => {
      socket.close();
    },
  };
}

/** Settles when the socket has joined its namespace, or was refused. */
const joined = (socket: AnySocket): Promise<void> =>
  new Promise((resolve, reject) => {
    const refused = (refusal: unknown): void => reject(new ConnectionRefused(codeOf(refusal), refusal));
    socket.on('connect', () => resolve());
    socket.on('connect_error', refused as Listener);
    // Socket.IO 2 has one event for a refusal of the namespace and for what the service calls `error`.
    socket.on('error', refused as Listener);
  });

export const socketIoClient = (
  name: string,
  load: () => Promise<Io>,
  places: VoiceClient['places'],
): VoiceClient => ({
  name,
  places,
  async connect(url, options = {}) {
    const io = await load();
    const socket = io(`${url}${NAMESPACE}`, optionsOf({ place: places[0] ?? 'none', ...options }));
    try {
      await joined(socket);
    } catch (error) {
      socket.close();
      throw error;
    }
    return connectionOf(socket, options);
  },
});

const loaded = (module: object): Io => {
  const { io, default: whole } = module as { io?: Io; default: Io };
  return io ?? whole;
};

/** The published clients of three generations, in Node. */
export const SOCKET_IO_CLIENTS: readonly VoiceClient[] = [
  socketIoClient(
    `socket.io-client ${versionOf('socket.io-client')}`,
    async () => loaded(await import('socket.io-client')),
    ['auth', 'query', 'bearer'],
  ),
  socketIoClient(
    `socket.io-client ${versionOf('socket.io-client-v3')}`,
    async () => loaded(await import('socket.io-client-v3')),
    ['auth', 'query', 'bearer'],
  ),
  socketIoClient(
    `socket.io-client ${versionOf('socket.io-client-v2')}`,
    async () => loaded(await import('socket.io-client-v2')),
    ['query', 'bearer'],
  ),
];
