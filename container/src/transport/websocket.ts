import type { IncomingMessage } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { asVoiceError, VoiceError } from '../../../contract/errors.ts';
import { MAX_SOCKET_PAYLOAD_BYTES } from '../../../contract/limits.ts';
import { keepNoReadMemory } from '../message-memory.ts';
import type { ClientSocket } from '../session/takeover.ts';
import { type Authenticate, authenticator, identityOf } from './auth.ts';
import { sendBounded } from './backpressure.ts';
import { type Acknowledge, ClientConnection, type TransportDeps } from './connection.ts';
import { refuseUpgrade, type UpgradeHandler } from './http-answer.ts';
import { CALLER_LIMITS } from './limits.ts';
import { type ClientMessage, ShapeOfConnection } from './message-shapes.ts';

const PING_MS = 10_000;
/** Close code for a refused caller (4000–4999 are the application's, RFC 6455 §7.4.2). */
const REFUSED = 4401;
/** Of a binary message that no `audio` message came before. */
const NOTHING_SAID = { pos: undefined, encoding: undefined } as const;
/** RFC 6455 §7.4.1. */
const GOING_AWAY = 1001;
const TOO_BIG = 1009;

export interface NativeWebSocket {
  upgrade: UpgradeHandler;
  /** Of `ws`, whose clients are closed when the service stops. */
  server: WebSocketServer;
}

function clientSocketOf(ws: WebSocket, id: string, shape: ShapeOfConnection): ClientSocket {
  return {
    id,
    emit: (event, ...[data]) => sendBounded(ws, shape.event(event, data)),
    close: () => ws.close(GOING_AWAY),
  };
}

/**
 * For clients without Socket.IO: text messages in one of the shapes of `message-shapes.ts`; binary messages are audio,
 * positioned where an `audio` message with `pos` came right before, and in the encoding that it names.
 */
export function createWebSocket(deps: TransportDeps): NativeWebSocket {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_SOCKET_PAYLOAD_BYTES,
    perMessageDeflate: false,
  });
  return {
    server,
    upgrade(request, socket, head) {
      const retryAfterMs = deps.unauthenticated.admit(request);
      if (retryAfterMs > 0)
        refuseUpgrade(socket, 429, { error: new VoiceError('RATE_LIMITED', { retryAfterMs }).toWire() });
      else server.handleUpgrade(request, socket, head, (ws) => void admit(ws, request, deps));
    },
  };
}

async function admit(ws: WebSocket, request: IncomingMessage, deps: TransportDeps): Promise<void> {
  ws.on('error', () => ws.terminate());
  keepNoReadMemory(ws);
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
    sendBounded(ws, new ShapeOfConnection().event('error', asVoiceError(error).toWire()));
    ws.close(REFUSED);
  } finally {
    ws.resume();
  }
}

function serve(ws: WebSocket, deps: TransportDeps, authenticate: Authenticate, authenticated: boolean): void {
  const id = deps.newId();
  const shape = new ShapeOfConnection();
  const connection = new ClientConnection(
    { ...deps, log: deps.log.child({ socket: id }) },
    clientSocketOf(ws, id, shape),
    authenticate,
    authenticated,
  );
  let startSent = false;
  const cancelPing = keepAlive(ws, deps);
  /** Of the binary message that follows. */
  let next: Pick<ClientMessage, 'pos' | 'encoding'> = NOTHING_SAID;

  const audio = (frame: unknown, { pos, encoding }: Pick<ClientMessage, 'pos' | 'encoding'>): void =>
    connection.handle('audio', pos === undefined ? [frame, encoding] : [pos, frame, encoding], undefined);
  const say = (message: ClientMessage): void => {
    const { event, id: ackId, payload, base64 } = message;
    if (event === 'start') startSent = true;
    if (event !== 'audio') connection.handle(event, [payload], acknowledge(ws, shape, ackId));
    else if (base64 === undefined && message.pos !== undefined) next = message;
    else audio(base64, message);
  };

  ws.on('message', (data: Buffer, isBinary) => {
    if (!startSent && data.length > CALLER_LIMITS.earlyMessageBytes) {
      ws.close(TOO_BIG);
      return;
    }
    if (isBinary) {
      audio(data, next);
      next = NOTHING_SAID;
      return;
    }
    const message = shape.read(data.toString('utf8'));
    if (message) say(message);
    else connection.refuse(new VoiceError('BAD_REQUEST'));
  });
  ws.on('close', () => {
    cancelPing();
    connection.close();
  });
}

const acknowledge = (
  ws: WebSocket,
  shape: ShapeOfConnection,
  id: number | undefined,
): Acknowledge | undefined =>
  id === undefined ? undefined : (answer) => sendBounded(ws, shape.acknowledgement(id, answer));

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
