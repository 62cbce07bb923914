import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type ServerOptions } from 'socket.io';

/** A real Socket.IO server on a free port of this machine. */
export async function startServer(options: Partial<ServerOptions> = {}) {
  const http = createServer();
  const io = new Server(http, { transports: ['websocket'], serveClient: false, ...options });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return { io, url: `ws://127.0.0.1:${port}`, close: () => io.close() };
}
export type TestServer = Awaited<ReturnType<typeof startServer>>;
