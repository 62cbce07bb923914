/**
 * The least that a relay costs whose clients speak Socket.IO: the packets that the container gets, audio passed on as it is, results
 * parsed and emitted. No users, no sessions, nothing resumed or stored. A process of its own.
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
  socket.on('audio', (_position: number, audio: Buffer) => upstream?.send(audio));
  socket.on('disconnect', () => upstream?.close());
});

announce(server);
