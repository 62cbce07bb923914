import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Socket } from 'socket.io';
import type { WebSocket } from 'ws';

interface TencentMessage {
  result?: { slice_type: number; voice_text_str: string; start_time: number; end_time: number };
}

/** What a container asks the recogniser for that says as much of itself; the sink looks at none of it. */
const QUERY = 'engine_model_type=16k_zh&voice_format=1&needvad=1&word_info=1&voice_id=v';

/** Where the recogniser is, for the servers that the container is compared with. */
export const upstreamUrl = (): string => `${process.env.ASR_ENDPOINT}/asr/v2/1250000000?${QUERY}`;

/** Acknowledges the start once the recogniser has answered, and emits every result that it parses. */
export function emitResults(
  upstream: WebSocket,
  socket: Socket,
  acknowledge: (answer: object) => void,
): void {
  upstream.once('message', () => acknowledge({ success: true }));
  upstream.on('message', (data) => {
    const { result } = JSON.parse(data.toString()) as TencentMessage;
    if (!result) return;
    const { slice_type, voice_text_str: text, start_time: startTime, end_time: endTime } = result;
    socket.emit('result', { text, final: slice_type === 2, startTime, endTime });
  });
  upstream.on('error', () => socket.disconnect());
}

/** Listens, and says so as the container does. */
export function announce(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    console.log(JSON.stringify({ msg: 'listening', port }));
  });
}
