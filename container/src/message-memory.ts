/**
 * Lets go of what was received and sent as soon as it is handled. ws and Engine.IO each put a message into an array that was made after
 * the message before. Between two frames of audio that array becomes old for the garbage collector, and what an old object refers
 * to becomes old, too, although nothing needs either any more: audio and results would be collected with the whole heap, a few
 * times a second, and not with the young generation. Measured in docs/benchmarks.md.
 */
import type { WebSocket } from 'ws';

/** The part of ws's receiver that is used here (lib/receiver.js of ws 8), which its types do not know. */
interface Receiver {
  _fragments: unknown[];
  /** A view of the memory that the message was read into. */
  _mask: Uint8Array | undefined;
  dataMessage(done: (error?: Error) => void): void;
}

/** Of every message that `socket` receives from now on. @param socket that is open */
export function keepNoReadMemory(socket: WebSocket): void {
  const receiver = (socket as WebSocket & { _receiver?: Receiver | null })._receiver;
  if (!receiver) return;
  const { dataMessage } = receiver;

  receiver.dataMessage = (done) => {
    const fragments = receiver._fragments;
    dataMessage.call(receiver, done);
    // A message that goes on keeps its parts.
    if (receiver._fragments === fragments) return;
    fragments.length = 0;
    receiver._mask = undefined;
  };
}

/** The part of an Engine.IO connection that is used here. */
interface EngineConnection {
  on(event: 'flush', listener: (packets: unknown[]) => void): unknown;
  on(event: 'drain', listener: () => void): unknown;
}

/** Of every packet that is sent over WebSocket, which takes it at once. */
export function keepNoSentPackets(connection: EngineConnection): void {
  let sending: unknown[] | undefined;
  connection.on('flush', (packets) => {
    sending = packets;
  });
  connection.on('drain', () => {
    if (sending) sending.length = 0;
    sending = undefined;
  });
}
