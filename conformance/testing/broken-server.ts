import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Data } from '../driver/connection.ts';
import { dial } from '../driver/native.ts';

/** A text message of the server, with its envelope. */
export interface Message {
  event?: string;
  ack?: number;
  data: Data;
}

/**
 * What a broken server makes of a message of a good one: what is sent instead. One for each connection, since it may remember.
 */
export type Breakage = () => (message: Message) => Message[];

export interface BrokenServer {
  url: string;
  close(): void;
}

/** A good server made worse: a proxy for plain WebSockets in front of it, which changes what it says. */
export async function startBrokenServer(goodUrl: string, breakage: Breakage): Promise<BrokenServer> {
  const http = createServer();
  const server = new WebSocketServer({ server: http });
  server.on('connection', (client, request) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const ticket = searchParams.get('ticket') ?? undefined;
    const bearer = /^Bearer (\S+)/.exec(request.headers.authorization ?? '')?.[1];
    const place = ticket === undefined ? 'bearer' : 'query';
    const target = dial({ url: goodUrl, path: pathname, ticket: ticket ?? bearer, place });
    connectBoth(client, target, breakage());
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close: () => {
      for (const client of server.clients) client.terminate();
      http.close();
    },
  };
}

function connectBoth(client: WebSocket, target: WebSocket, change: (message: Message) => Message[]): void {
  const early: [data: Buffer, isBinary: boolean][] = [];
  client.on('error', () => {});
  target.on('error', () => client.terminate());
  client.on('message', (data: Buffer, isBinary) => {
    if (target.readyState === target.OPEN) target.send(data, { binary: isBinary });
    else early.push([data, isBinary]);
  });
  target.on('open', () => {
    for (const [data, isBinary] of early) target.send(data, { binary: isBinary });
  });
  target.on('message', (data) => {
    for (const message of change(JSON.parse(String(data)) as Message)) client.send(JSON.stringify(message));
  });
  client.on('close', () => target.terminate());
  // 1005 and 1006 are for reading only
  target.on('close', (code) => (code >= 3_000 ? client.close(code) : client.close(1_001)));
}
