/**
 * The design that examples of such services publish: Socket.IO, audio as Base64 in JSON, every frame acknowledged, results parsed and
 * sent again. Nothing is kept, resumed or stored. A process of its own.
 */
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { WebSocket } from 'ws';
import { announce, emitResults, upstreamUrl } from './server-side.ts';

const server = createServer();
const io = new Server(server, { transports: ['websocket'], serveClient: false, perMessageDeflate: false });
io.on('connection', (socket) => {
  let upstream: WebSocket | undefined;
  socket.on('start', (_options: unknown, acknowledge: (answer: object) => void) => {
    upstream = new WebSocket(upstreamUrl(), { perMessageDeflate: false });
    emitResults(upstream, socket, acknowledge);
  });
  socket.on('audio', ({ audio }: { audio: string }, acknowledge: (answer: object) => void) => {
    upstream?.send(Buffer.from(audio, 'base64'));
    acknowledge({ success: true });
  });
  socket.on('disconnect', () => upstream?.close());
});

announce(server);
