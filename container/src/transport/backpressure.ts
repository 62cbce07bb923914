import type { WebSocket } from 'ws';

/**
 * What may wait for a client that does not read. A session of eight hours, shown again whole with its word times, has
 * room; beyond it the connection is cut, and the client finds everything again when it resumes.
 */
export const MAX_BACKPRESSURE_BYTES = 8_000_000;

/** The part of an Engine.IO connection that is used here. */
interface EngineConnection {
  readonly transport: object;
  on(event: 'packetCreate', listener: (packet: { data?: string | Uint8Array }) => void): unknown;
  on(event: 'flush', listener: () => void): unknown;
  close(): void;
}

/** Cuts an Engine.IO connection off whose client does not read: everything for it would pile up in memory. */
export function limitBackpressure(connection: EngineConnection): void {
  let queuedBytes = 0;
  let sendingBytes = 0;
  connection.on('packetCreate', ({ data }) => {
    queuedBytes += data?.length ?? 0;
    if (queuedBytes + sendingBytes <= MAX_BACKPRESSURE_BYTES) return;
    const { socket } = connection.transport as { socket?: WebSocket };
    // not close(): that would wait for the client to read
    if (socket) socket.terminate();
    else connection.close();
  });
  // a batch is taken once the network has taken the one before
  connection.on('flush', () => {
    sendingBytes = queuedBytes;
    queuedBytes = 0;
  });
}

/** Sends unless too much waits already; then the connection is cut. */
export function sendBounded(ws: WebSocket, text: string): void {
  if (ws.bufferedAmount > MAX_BACKPRESSURE_BYTES) ws.terminate();
  else ws.send(text);
}
