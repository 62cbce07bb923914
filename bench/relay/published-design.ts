/**
 * The design that examples of such services publish: Socket.IO, audio as Base64 in JSON, every frame acknowledged, results parsed and
 * sent again. Nothing is kept, resumed or stored. A process of its own.
 */
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { WebSocket } from 'ws';
import { announce, upstreamUrl } from './server-side.ts';

interface TencentMessage {
  result?: { slice_type: number; voice_text_str: string; start_time: number; end_time: number };
}

const server = createServer();
const io = new Server(server, { transports: ['websocket'], serveClient: false, perMessageDeflate: false });
io.on('connection', (socket) => {
  let upstream: WebSocket | undefined;
  socket.on('start', (_options: unknown, acknowledge: (answer: object) => void) => {
    upstream = new WebSocket(upstreamUrl(), { perMessageDeflate: false });
    upstream.once('message', () => acknowledge({ success: true }));
    upstream.on('message', (data) => {
      const { result } = JSON.parse(data.toString()) as TencentMessage;
      if (!result) return;
      const { slice_type, voice_text_str: text, start_time: startTime, end_time: endTime } = result;
      socket.emit('result', { text, final: slice_type === 2, startTime, endTime });
    });
    upstream.on('error', () => socket.disconnect());
  });
  socket.on('audio', ({ audio }: { audio: string }, acknowledge: (answer: object) => void) => {
    upstream?.send(Buffer.from(audio, 'base64'));
    acknowledge({ success: true });
  });
  socket.on('disconnect', () => upstream?.close());
});

announce(server);
