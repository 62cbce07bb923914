import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A container and a cloud gateway in one server; a test reads what was received and sets the answers. */
export interface FakeCloud {
  url: string;
  /** Sockets that are open, and the request each came with. */
  sockets: { socket: WebSocket; request: IncomingMessage; closed: Promise<number> }[];
  /** Calls that were received, oldest first. */
  calls: { path: string; user: string; body: Buffer }[];
  /** What the next calls are answered with. */
  answer: { status: number; body: unknown };
  stop(): Promise<void>;
}

/** Sockets echo what they get; calls get `answer`. */
export const startFakeCloud = async (): Promise<FakeCloud> => {
  const cloud: FakeCloud = {
    url: '',
    sockets: [],
    calls: [],
    answer: { status: 200, body: { result: { ok: true } } },
    stop: () =>
      new Promise((resolve) => {
        for (const { socket } of cloud.sockets) socket.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    cloud.calls.push({
      path: request.url ?? '',
      user: String(request.headers['x-local-user']),
      body: Buffer.concat(chunks),
    });
    response.writeHead(cloud.answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(cloud.answer.body));
  });
  new WebSocketServer({ server }).on('connection', (socket, request) => {
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    cloud.sockets.push({ socket, request, closed });
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cloud.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return cloud;
};
