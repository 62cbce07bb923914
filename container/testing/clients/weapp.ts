import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { WebSocket } from 'ws';
import { type Io, socketIoClient } from './socketio.ts';
import { exactBuffer, type VoiceClient, versionOf } from './types.ts';

interface ConnectSocketOptions {
  url: string;
  header?: Record<string, string>;
  protocols?: string[];
}
interface SendOptions {
  data: unknown;
  success?: () => void;
  fail?: (error: { errMsg: string }) => void;
}

/**
 * `wx.connectSocket` as WeChat documents it (SocketTask): data is a string or an ArrayBuffer and nothing else, and messages
 * come as `{ data }`, binary ones in a buffer of exactly their size.
 */
function connectSocket({ url, header = {}, protocols }: ConnectSocketOptions) {
  const ws = new WebSocket(url, protocols ?? [], { headers: header, perMessageDeflate: false });
  return {
    onOpen: (fn: (event: object) => void) => ws.on('open', () => fn({ header: {} })),
    onMessage: (fn: (event: { data: string | ArrayBuffer }) => void) =>
      ws.on('message', (data: Buffer, isBinary) =>
        fn({ data: isBinary ? exactBuffer(data) : data.toString('utf8') }),
      ),
    onError: (fn: (event: { errMsg: string }) => void) =>
      ws.on('error', (error) => fn({ errMsg: `connectSocket:fail ${error.message}` })),
    onClose: (fn: (event: { code: number; reason: string }) => void) =>
      ws.on('close', (code, reason) => fn({ code, reason: reason.toString() })),
    send({ data, success, fail }: SendOptions) {
      if (typeof data === 'string' || data instanceof ArrayBuffer)
        ws.send(data, (error) => (error ? fail?.({ errMsg: error.message }) : success?.()));
      else fail?.({ errMsg: 'sendSocketMessage:fail data should be String or ArrayBuffer' });
    },
    close({ code, reason }: { code?: number; reason?: string } = {}) {
      if (ws.readyState === WebSocket.CONNECTING) ws.terminate();
      else ws.close(code ?? 1000, reason);
    },
  };
}

/** Names that a mini-program's modules do not see. */
const ABSENT = ['window', 'self', 'document', 'location', 'XMLHttpRequest', 'WebSocket', 'process'];

/** Runs a published bundle as a mini-program's module: `wx` is there, and nothing of a browser or of Node. */
export function loadInMiniProgram(name: string, wx: object): Io {
  const file = createRequire(import.meta.url).resolve(name);
  const module: { exports: unknown } = { exports: {} };
  const run = new Function('module', 'exports', 'wx', ...ABSENT, readFileSync(file, 'utf8'));
  run(module, module.exports, wx);
  return module.exports as Io;
}

const weapp = (packageName: string, places: VoiceClient['places']): VoiceClient => {
  let io: Io | undefined;
  return socketIoClient(
    `weapp.socket.io ${versionOf(packageName)}`,
    async () => {
      io ??= loadInMiniProgram(packageName, { connectSocket });
      return io;
    },
    places,
  );
};

/** The Socket.IO clients that mini-programs use, over `wx.connectSocket`. */
export const WEAPP_CLIENTS: readonly VoiceClient[] = [
  weapp('weapp.socket.io-v2', ['query']),
  weapp('weapp.socket.io', ['auth', 'query']),
];
