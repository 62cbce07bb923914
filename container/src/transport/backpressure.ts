import type { WebSocket } from 'ws';

/**
 * How much may wait for a client that does not read: enough for a session of eight hours with word times, sent again as a
 * whole. Beyond it the connection is terminated; nothing is lost, since the client resumes.
 */
export const MAX_BACKPRESSURE_BYTES = 8_000_000;

/** The part of an Engine.IO connection that ends it. */
export interface Terminable {
  readonly transport: object;
  close(): void;
}

/** The part of an Engine.IO connection that is used here. */
interface EngineConnection extends Terminable {
  on(event: 'packetCreate', listener: (packet: { data?: string | Uint8Array }) => void): unknown;
  on(event: 'flush', listener: () => void): unknown;
}

/** Ends a connection at once. `close()` would wait for the client to read and answer. */
export function terminate(connection: Terminable): void {
  const { socket } = connection.transport as { socket?: WebSocket };
  if (socket) socket.terminate();
  else connection.close();
}

/** Terminates an Engine.IO connection whose client does not read: what is sent to it would accumulate in memory. */
export function limitBackpressure(connection: EngineConnection): void {
  let queuedBytes = 0;
  let sendingBytes = 0;
  connection.on('packetCreate', ({ data }) => {
    queuedBytes += data?.length ?? 0;
    if (queuedBytes + sendingBytes > MAX_BACKPRESSURE_BYTES) terminate(connection);
  });
  // `flush`: the network has taken the previous batch, and this one is handed over.
  connection.on('flush', () => {
    sendingBytes = queuedBytes;
    queuedBytes = 0;
  });
}

/** Sends, or terminates the connection where too much waits already. */
export function sendBounded(ws: WebSocket, message: string | Buffer): void {
  if (ws.bufferedAmount > MAX_BACKPRESSURE_BYTES) ws.terminate();
  else ws.send(message);
}
