import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

/** The page closes its socket with this code when the simulated network is gone (runtime/wx/socket.ts). */
const CUT_CODE = 4000;
const CONNECT_TIMEOUT_MS = 15_000;
/** Unsent bytes above which the sending side is paused. */
const HIGH_WATER_BYTES = 1024 * 1024;
const DRAIN_CHECK_MS = 20;
const NO_STATUS = 1005;
const ABNORMAL = 1006; // RFC 6455, section 7.4.1: never sent, only reported

/** Headers that must not be set by a page. */
const RESERVED_HEADER = /^(host|connection|upgrade|sec-websocket-.*|x-wx-.*|content-length)$/i;

const pageHeaders = (text: string | null): Record<string, string> => {
  try {
    const given = JSON.parse(text ?? '{}') as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(given).flatMap(([name, value]) =>
        typeof value === 'string' && !RESERVED_HEADER.test(name) ? [[name, value]] : [],
      ),
    );
  } catch {
    return {};
  }
};

/** Forwards messages one way and stops reading while `to` has too much unsent. */
const forward = (from: WebSocket, to: WebSocket): void => {
  from.on('message', (data: RawData, isBinary: boolean) => {
    if (to.readyState !== WebSocket.OPEN) return;
    to.send(data, { binary: isBinary });
    if (to.bufferedAmount < HIGH_WATER_BYTES || from.isPaused) return;
    from.pause();
    const timer = setInterval(() => {
      if (to.bufferedAmount >= HIGH_WATER_BYTES && to.readyState === WebSocket.OPEN) return;
      clearInterval(timer);
      from.resume();
    }, DRAIN_CHECK_MS);
  });
};

/** Closes `to` as the other side was closed; after a cut, without a closing frame. */
const propagateClose = (to: WebSocket, code: number, reason: Buffer): void => {
  if (code === ABNORMAL || code === CUT_CODE) to.terminate();
  else if (code === NO_STATUS) to.close();
  else to.close(code, reason);
};

interface SocketProxy {
  /** Takes an `upgrade` request of the page. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Cuts the TCP connections of every socket at once, without a closing handshake. @returns how many. */
  cut(): number;
  /** Address of the container that the newest open socket leads to; undefined: none is open. */
  newestContainer(): string | undefined;
  /** Cuts everything, connections that are still being made included. */
  stop(): void;
}

/** Opens the WebSocket to a container that belongs to one of the page. */
const openUpstream = (container: string, url: URL, request: IncomingMessage): WebSocket => {
  const address = new URL(url.searchParams.get('path') ?? '/', container.replace(/^http/, 'ws'));
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/).filter(Boolean);
  return new WebSocket(address, protocols, {
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    perMessageDeflate: false,
    headers: {
      ...pageHeaders(url.searchParams.get('header')),
      'X-WX-OPENID': url.searchParams.get('user') ?? '',
      'X-WX-SOURCE': 'wx_client',
    },
  });
};

/** Connects the page's socket and the container's with each other. */
const joinSockets = (client: WebSocket, upstream: WebSocket): void => {
  forward(client, upstream);
  forward(upstream, client);
  client.on('error', () => upstream.terminate());
  client.on('close', (code, reason) => propagateClose(upstream, code, reason));
  upstream.on('close', (code, reason) => propagateClose(client, code, reason));
};

/**
 * Emulates WeChat's connection to the container: `/_host/socket?user=&path=&header=` becomes a WebSocket to the
 * container's `path`, with the headers that WeChat adds. A cut drops the TCP connection, as a lost network does.
 * @param chooseContainer asked once for each connection; undefined: the connection fails
 */
export const createSocketProxy = (chooseContainer: () => Promise<string | undefined>): SocketProxy => {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const pairs = new Map<[client: WebSocket, upstream: WebSocket], string>();
  /** The page's side of connections that are still being made. */
  const pending = new Set<Duplex>();

  const connect = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://host');
    if (url.pathname !== '/_host/socket') return void socket.destroy();
    const container = await chooseContainer();
    if (container === undefined || socket.destroyed) return void socket.destroy();
    const upstream = openUpstream(container, url, request);
    socket.on('close', () => {
      if (pending.has(socket)) upstream.terminate();
      pending.delete(socket);
    });
    // Before the page's handshake is answered the connection simply fails, as with an unreachable container.
    upstream.on('error', () => {
      if (pending.has(socket)) socket.destroy();
    });
    upstream.on('open', () =>
      server.handleUpgrade(request, socket, head, (client) => {
        const pair: [WebSocket, WebSocket] = [client, upstream];
        pending.delete(socket);
        pairs.set(pair, container);
        client.on('close', () => pairs.delete(pair));
        joinSockets(client, upstream);
      }),
    );
  };

  const accept = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    pending.add(socket);
    socket.on('error', () => socket.destroy());
    connect(request, socket, head).catch(() => socket.destroy());
  };

  const cut = (): number => {
    const count = pairs.size;
    for (const [client, upstream] of pairs.keys()) {
      client.terminate();
      upstream.terminate();
    }
    return count;
  };

  const stop = (): void => {
    cut();
    for (const socket of pending) socket.destroy();
  };

  return { accept, cut, newestContainer: () => [...pairs.values()].at(-1), stop };
};
