import { WebSocket } from 'ws';
import { exactBuffer } from '../binary.ts';
import type { Dial, SocketTask } from './dial.ts';

/** How long a peer may take to answer our close, ms; then the TCP connection is cut. */
const CLOSE_TIMEOUT_MS = 2000;

function taskOf(socket: WebSocket): SocketTask {
  return {
    onMessage: (fn) =>
      socket.on('message', (data: Buffer, binary) =>
        fn({ data: binary ? exactBuffer(data) : data.toString() }),
      ),
    onClose: (fn) => socket.on('close', (code, reason) => fn({ code, reason: reason.toString() })),
    onError: (fn) => socket.on('error', (error) => fn({ errMsg: error.message })),
    send: ({ data, success, fail }) =>
      socket.send(data, (error) => (error ? fail : (success as typeof fail))?.({ errMsg: `${error}` })),
    close({ code, reason }) {
      if (socket.readyState === WebSocket.CONNECTING) return socket.terminate();
      socket.close(code, reason);
      setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref();
    },
  };
}

/**
 * For Node (command line tools, tests): a socket of the `ws` package, `cloudbase-socketio-client/node`.
 * @param base `ws://host:port` or `wss://host`; default: the option `service`
 */
export const nodeWs =
  (base?: string): Dial =>
  ({ service, path, header }) => {
    const socket = new WebSocket((base || service) + path, { headers: header, perMessageDeflate: false });
    // Closing a socket that is still connecting makes it emit an error; after our own close nobody else listens.
    socket.on('error', () => undefined);
    return taskOf(socket);
  };
