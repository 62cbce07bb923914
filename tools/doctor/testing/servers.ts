import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  request as requestHttp,
  type Server,
  type ServerResponse,
} from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server as TcpServer,
} from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Server as SocketIo } from 'socket.io';
import { type WebSocket, WebSocketServer } from 'ws';

/** Something between a client and the service, or in its place, that is broken on purpose. */
export interface BrokenServer {
  port: number;
  url: string;
  stop(): Promise<void>;
}

async function listening(server: Server | TcpServer, stop?: () => void): Promise<BrokenServer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const closed = once(server, 'close');
      stop?.();
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

/** A port at which nothing listens. */
export async function unusedPort(): Promise<number> {
  const server = await listening(createTcpServer());
  await server.stop();
  return server.port;
}

/** Speaks TLS and has no certificate: no client comes further than the handshake. */
export const startTlsServer = (): Promise<BrokenServer> => listening(createTlsServer());

/** A proxy as nginx is without its two lines for WebSocket: it speaks HTTP, and forwards no `Upgrade`. */
export const startProxyWithoutUpgrade = (url: string): Promise<BrokenServer> =>
  listening(
    createHttpServer((request, response) => {
      const { upgrade: _upgrade, connection: _connection, ...headers } = request.headers;
      const { hostname, port } = new URL(url);
      const { method, url: path } = request;
      const passed = requestHttp({ hostname, port, path, method, headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on('error', () => response.destroy());
      request.pipe(passed);
    }),
  );

/** A proxy that cuts a connection on which nothing has come for `idleMs`, in either direction. */
export function startIdleCutter(url: string, idleMs: number): Promise<BrokenServer> {
  const { hostname, port } = new URL(url);
  const open = new Set<{ destroy(): void }>();
  const server = createTcpServer((client) => {
    const upstream = connect(Number(port), hostname);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setTimeout(idleMs, end);
      socket.on('error', end);
      socket.on('close', () => {
        open.delete(socket);
        end();
      });
    }
    // a pipe's writes count as activity of the other side
    client.pipe(upstream);
    upstream.pipe(client);
  });
  return listening(server, () => {
    for (const socket of open) socket.destroy();
  });
}

/** `/health` and `/ready` as the service answers them; 404 for the rest. */
const healthy =
  (clockShiftMs = 0) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const known = request.url === '/health' || request.url === '/ready';
    const date = new Date(Date.now() + clockShiftMs).toUTCString();
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json', date });
    response.end(JSON.stringify({ ok: known, draining: false, sessions: 0, faults: [] }));
  };

const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n';

/** A Socket.IO server, with the echo, that has other namespaces only. @param clockShiftMs of its `Date` */
export async function startServerWithoutNamespace(clockShiftMs = 0): Promise<BrokenServer> {
  const http = createHttpServer(healthy(clockShiftMs));
  const echo = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    if (request.url !== '/test-ws') return;
    echo.handleUpgrade(request, socket, head, (ws) =>
      ws.on('message', (data, binary) => ws.send(data, { binary })),
    );
  });
  const io = new SocketIo(http, { transports: ['websocket'], destroyUpgrade: false, serveClient: false });
  io.of('/other');
  return listening(http, () => io.disconnectSockets(true));
}

/** A server of the time of Socket.IO 2: the handshake of Engine.IO 3, the default namespace joined at once, no echo. */
export async function startOldServer(): Promise<BrokenServer> {
  const http = createHttpServer(healthy());
  const wss = new WebSocketServer({ noServer: true });
  const sockets = new Set<WebSocket>();
  http.on('upgrade', (request, socket, head) => {
    if (!request.url?.startsWith('/socket.io/')) return void socket.end(NOT_FOUND);
    wss.handleUpgrade(request, socket, head, (ws) => {
      sockets.add(ws);
      ws.send('0{"sid":"8f1c2d","upgrades":[],"pingInterval":25000,"pingTimeout":5000}');
      ws.send('40');
    });
  });
  return listening(http, () => {
    for (const ws of sockets) ws.terminate();
  });
}
