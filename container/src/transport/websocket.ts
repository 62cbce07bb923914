import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import { type WebSocket, WebSocketServer } from 'ws';
import { asVoiceError, VoiceError } from '../../../contract/errors.ts';
import { MAX_SOCKET_PAYLOAD_BYTES } from '../../../contract/limits.ts';
import type { ClientSocket } from '../session/takeover.ts';
import { type Authenticate, authenticator, identityOf } from './auth.ts';
import { sendBounded } from './backpressure.ts';
import { type Acknowledge, ClientConnection, type TransportDeps } from './connection.ts';
import { CALLER_LIMITS } from './limits.ts';

/** Where plain WebSocket clients come in. */
const PATH = '/ws';
const PING_MS = 10_000;
/** Close code for a refused caller (4000–4999 are the application's, RFC 6455 §7.4.2). */
const REFUSED = 4401;
/** RFC 6455 §7.4.1. */
const GOING_AWAY = 1001;
const TOO_BIG = 1009;

const messageSchema = v.object({
  event: v.string(),
  /** Answered as `{ ack: id, data }`. */
  id: v.optional(v.pipe(v.number(), v.safeInteger())),
  data: v.optional(v.unknown()),
  /** With `event: "audio"`: position of the binary message that follows. */
  pos: v.optional(v.number()),
});

function clientSocketOf(ws: WebSocket, id: string): ClientSocket {
  return {
    id,
    emit: (event, ...[data]) => sendBounded(ws, JSON.stringify({ event, data })),
    close: () => ws.close(GOING_AWAY),
  };
}

/**
 * For clients without Socket.IO: text messages `{ event, id?, data? }` are answered by `{ ack: id, data }`
 * and events come as `{ event, data }`; binary messages are audio, positioned where `{ event: "audio", pos }` came
 * right before.
 */
export function attachWebSocket(http: HttpServer, deps: TransportDeps): WebSocketServer {
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_SOCKET_PAYLOAD_BYTES,
    perMessageDeflate: false,
  });
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = request.url?.split('?')[0] ?? '/';
    if (path === PATH && deps.unauthenticated.admit(request) > 0)
      socket.end('HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n\r\n');
    else if (path === PATH) wss.handleUpgrade(request, socket, head, (ws) => void admit(ws, request, deps));
    // Socket.IO answers for its own path and leaves the others open.
    else if (!path.startsWith('/socket.io/')) {
      // The server no longer listens on this socket: without a listener its error would end the process.
      socket.on('error', () => socket.destroy());
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    }
  });
  return wss;
}

async function admit(ws: WebSocket, request: IncomingMessage, deps: TransportDeps): Promise<void> {
  ws.on('error', () => ws.terminate());
  const identity = identityOf(request, undefined, deps.trustWxHeaders);
  const authenticate = authenticator(identity, deps.ticketKeys, deps.clock);
  // What comes while the ticket is checked waits, so that nothing is lost.
  ws.pause();
  try {
    if (identity.ticket !== undefined) {
      await authenticate(undefined);
      deps.unauthenticated.known(request);
    }
    serve(ws, deps, authenticate, identity.ticket !== undefined);
  } catch (error) {
    clientSocketOf(ws, '').emit('error', asVoiceError(error).toWire());
    ws.close(REFUSED);
  } finally {
    ws.resume();
  }
}

function serve(ws: WebSocket, deps: TransportDeps, authenticate: Authenticate, authenticated: boolean): void {
  const id = deps.newId();
  const socket = clientSocketOf(ws, id);
  const connection = new ClientConnection(
    { ...deps, log: deps.log.child({ socket: id }) },
    socket,
    authenticate,
    authenticated,
  );
  let startSent = false;
  const cancelPing = keepAlive(ws, deps);
  let nextPos: number | undefined;

  ws.on('message', (data: Buffer, isBinary) => {
    if (!startSent && data.length > CALLER_LIMITS.earlyMessageBytes) {
      ws.close(TOO_BIG);
      return;
    }
    if (isBinary) {
      connection.handle('audio', nextPos === undefined ? [data] : [nextPos, data], undefined);
      nextPos = undefined;
      return;
    }
    const message = readMessage(data);
    if (message?.event === 'start') startSent = true;
    if (!message) connection.refuse(new VoiceError('BAD_REQUEST'));
    else if (message.event === 'audio') nextPos = message.pos;
    else connection.handle(message.event, [message.data], acknowledge(ws, message.id));
  });
  ws.on('close', () => {
    cancelPing();
    connection.close();
  });
}

const acknowledge = (ws: WebSocket, id: number | undefined): Acknowledge | undefined =>
  id === undefined ? undefined : (answer) => sendBounded(ws, JSON.stringify({ ack: id, data: answer }));

/** Pings, and closes a socket that answered neither the last one nor anything else. */
function keepAlive(ws: WebSocket, deps: TransportDeps): () => void {
  let alive = true;
  let cancel = () => {};
  const heard = () => {
    alive = true;
  };
  ws.on('pong', heard).on('message', heard);
  const beat = () => {
    if (!alive) {
      ws.terminate();
      return;
    }
    alive = false;
    ws.ping();
    cancel = deps.clock.after(PING_MS, beat);
  };
  cancel = deps.clock.after(PING_MS, beat);
  return () => cancel();
}

function readMessage(data: Buffer): v.InferOutput<typeof messageSchema> | undefined {
  try {
    return v.parse(messageSchema, JSON.parse(data.toString('utf8')));
  } catch {
    return undefined;
  }
}
