import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

/** The page closes with this code when the imagined network is gone (see runtime/wx/socket.ts). */
const CUT_CODE = 4000;
const CONNECT_TIMEOUT_MS = 15_000;
/** Beyond this the slower side stops the faster one. */
const HIGH_WATER_BYTES = 1024 * 1024;
const DRAIN_CHECK_MS = 20;
const NO_STATUS = 1005;
const ABNORMAL = 1006;

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

/** Forwards messages one way and stops reading while the other side is full. */
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

const closeLike = (to: WebSocket, code: number, reason: Buffer): void => {
  if (code === ABNORMAL || code === CUT_CODE) to.terminate();
  else if (code === NO_STATUS) to.close();
  else to.close(code, reason);
};

/**
 * Stands for WeChat's link to the container: `/_host/socket?user=&path=&header=` becomes a WebSocket to
 * `containerUrl + path`, with the headers that WeChat adds. A cut drops the TCP connection, as a lost network does.
 */
export const createSocketProxy = (containerUrl: string) => {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const pairs = new Set<[WebSocket, WebSocket]>();

  const accept = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const url = new URL(request.url ?? '/', 'http://host');
    if (url.pathname !== '/_host/socket') return void socket.destroy();
    const address = new URL(url.searchParams.get('path') ?? '/', containerUrl.replace(/^http/, 'ws'));
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/).filter(Boolean);
    const upstream = new WebSocket(address, protocols, {
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      perMessageDeflate: false,
      headers: {
        ...pageHeaders(url.searchParams.get('header')),
        'X-WX-OPENID': url.searchParams.get('user') ?? '',
        'X-WX-SOURCE': 'wx_client',
      },
    });
    socket.on('error', () => upstream.terminate());
    socket.on('close', () => {
      if (upstream.readyState === WebSocket.CONNECTING) upstream.terminate();
    });
    upstream.on('error', () => {
      // Before the page's handshake is answered the connection simply fails, as an unreachable container does.
      if (!upgraded) socket.destroy();
    });
    let upgraded = false;
    upstream.on('open', () => {
      upgraded = true;
      server.handleUpgrade(request, socket, head, (client) => {
        const pair: [WebSocket, WebSocket] = [client, upstream];
        pairs.add(pair);
        forward(client, upstream);
        forward(upstream, client);
        client.on('error', () => upstream.terminate());
        client.on('close', (code, reason) => {
          pairs.delete(pair);
          closeLike(upstream, code, reason);
        });
        upstream.on('close', (code, reason) => closeLike(client, code, reason));
      });
    });
  };

  const cut = (): number => {
    const count = pairs.size;
    for (const [client, upstream] of pairs) {
      client.terminate();
      upstream.terminate();
    }
    return count;
  };

  return { accept, cut };
};
