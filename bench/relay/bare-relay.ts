/** The least that a relay can do: two sockets a stream, every message passed on as it is. A process of its own. */
import { createServer } from 'node:http';
import { WebSocket as Socket, type WebSocket, WebSocketServer } from 'ws';
import { announce, upstreamUrl } from './server-side.ts';

const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (client) => {
  const upstream = new Socket(upstreamUrl(), { perMessageDeflate: false });
  pass(client, upstream);
  pass(upstream, client);
});

function pass(from: WebSocket, to: WebSocket): void {
  from.on('message', (data: Buffer, binary) => to.send(data, { binary }));
  from.on('close', () => to.close());
  from.on('error', () => to.terminate());
}

announce(server);
