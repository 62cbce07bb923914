import type { IncomingMessage } from 'node:http';
import { Server as Engine } from 'engine.io';
import { type ExtendedError, Server, type Socket } from 'socket.io';
import type { WebSocket } from 'ws';
import { asVoiceError, VoiceError } from '../../../contract/errors.ts';
import { MAX_SOCKET_PAYLOAD_BYTES } from '../../../contract/limits.ts';
import { NAMESPACE } from '../../../contract/stream.ts';
import { TokenBucket } from '../../../lib/token-bucket.ts';
import { keepNoReadMemory, keepNoSentPackets } from '../message-memory.ts';
import type { ClientSocket } from '../session/takeover.ts';
import { AudioPackets } from './audio-packets.ts';
import { authenticator, identityOf } from './auth.ts';
import { limitBackpressure } from './backpressure.ts';
import { type Acknowledge, ClientConnection, type TransportDeps } from './connection.ts';
import { EngineIoLimits } from './engine-io-limits.ts';
import { answerJson, type RequestHandler, refuseUpgrade, type UpgradeHandler } from './http-answer.ts';
import { CALLER_LIMITS } from './limits.ts';

const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 10_000;

/** An acknowledgement is the last argument, if it is a function. */
function takeAck(args: unknown[]): Acknowledge | undefined {
  return typeof args.at(-1) === 'function' ? (args.pop() as Acknowledge) : undefined;
}

function clientSocketOf(socket: Socket): ClientSocket {
  return {
    id: socket.id,
    emit: (event, ...args) => void socket.emit(event, ...args),
    // The transport, not the namespace: after a namespace disconnect a client does not reconnect by itself.
    close: () => socket.conn.close(),
  };
}

/** By Engine.IO connection: what is there of it besides its sockets. */
type EngineParts = WeakMap<object, { limits: EngineIoLimits; audio: AudioPackets | undefined }>;

export interface SocketIo {
  request: RequestHandler;
  upgrade: UpgradeHandler;
  /** Closes every connection. */
  close(): Promise<void>;
}

/**
 * Socket.IO: v5 clients, and v2 clients through Engine.IO v3. WebSocket only, since a polling client could
 * meet another instance with every request. Connection state recovery stays off: it skips the ticket check.
 * Which path leads here is the caller's to decide: Engine.IO's own check would take every path that begins like it.
 */
export function createSocketIo(deps: TransportDeps): SocketIo {
  const engine = new Engine({
    transports: ['websocket'],
    allowEIO3: true,
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    maxHttpBufferSize: MAX_SOCKET_PAYLOAD_BYTES,
    perMessageDeflate: false,
  });
  const io = new Server({ serveClient: false, connectTimeout: CALLER_LIMITS.authenticateWithinMs });
  io.bind(engine);

  const parts: EngineParts = new WeakMap();
  engine.on('connection', (connection) => {
    limitBackpressure(connection);
    keepNoSentPackets(connection);
    const { socket } = connection.transport as { socket?: WebSocket };
    if (socket) keepNoReadMemory(socket);
    parts.set(connection, {
      limits: new EngineIoLimits(connection, deps.clock),
      audio: socket && new AudioPackets(connection, socket),
    });
  });
  refuseDefaultNamespace(io, deps);
  serveNamespace(io, deps, parts);
  return {
    request: (_request, response) => answerJson(response, 400, new VoiceError('USE_WEBSOCKET').toWire()),
    upgrade(request, socket, head) {
      const refusal = refusalOfUpgrade(request, deps);
      if (refusal) refuseUpgrade(socket, refusal.code === 'RATE_LIMITED' ? 429 : 400, refusal.toWire());
      else engine.handleUpgrade(request, socket, head);
    },
    close: () => io.close(),
  };
}

function refuseDefaultNamespace(io: Server, deps: TransportDeps): void {
  io.on('connection', (socket) => {
    const refusals = new TokenBucket(deps.clock, CALLER_LIMITS.refusals);
    socket.onAny((...args: unknown[]) => {
      if (refusals.take() > 0) {
        socket.conn.close();
        return;
      }
      const refusal = new VoiceError('USE_NAMESPACE').toWire();
      const ack = takeAck(args);
      if (ack) ack({ error: refusal });
      else socket.emit('error', refusal);
    });
  });
}

function serveNamespace(io: Server, deps: TransportDeps, parts: EngineParts): void {
  const voice = io.of(NAMESPACE);
  voice.use((socket, next) => {
    const identity = identityOf(socket.request, socket.handshake.auth.ticket, deps.trustWxHeaders);
    const authenticate = authenticator(identity, deps.ticketKeys, deps.clock);
    socket.data.authenticate = authenticate;
    socket.data.authenticated = identity.ticket !== undefined;
    // Without a ticket the caller may still bring one with `start`.
    if (identity.ticket === undefined) return next();
    authenticate(undefined).then(
      () => {
        deps.unauthenticated.known(socket.request);
        next();
      },
      (error) => next(refusedConnection(error)),
    );
  });
  voice.on('connection', (socket) => {
    const { limits, audio } = parts.get(socket.conn) ?? {};
    const left = limits?.join();
    socket.on('disconnect', () => left?.());
    serve(socket, deps, audio);
  });
}

/** Engine.IO protocol versions (`EIO` in the query): of Socket.IO 2 clients, and of 3 and later. */
const PROTOCOLS: ReadonlySet<string | null> = new Set(['3', '4']);

/**
 * Why a request cannot become a connection: long polling (the body says what to set, since clients only show the status), a
 * missing or unknown protocol version, which Engine.IO would take for version 3, too many without a ticket.
 */
function refusalOfUpgrade(request: IncomingMessage, deps: TransportDeps): VoiceError | undefined {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  if (query.get('transport') !== 'websocket') return new VoiceError('USE_WEBSOCKET');
  if (!PROTOCOLS.has(query.get('EIO'))) return new VoiceError('BAD_REQUEST', { detail: 'EIO' });
  const retryAfterMs = deps.unauthenticated.admit(request);
  return retryAfterMs > 0 ? new VoiceError('RATE_LIMITED', { retryAfterMs }) : undefined;
}

function refusedConnection(thrown: unknown): ExtendedError {
  const wire = asVoiceError(thrown).toWire();
  return Object.assign(new Error(wire.message), { data: wire });
}

function serve(socket: Socket, deps: TransportDeps, audio: AudioPackets | undefined): void {
  const log = deps.log.child({ socket: socket.id });
  const { authenticate, authenticated } = socket.data;
  const connection = new ClientConnection(
    { ...deps, log },
    clientSocketOf(socket),
    authenticate,
    authenticated,
  );
  let endAudio = () => {};
  // All events are handled by this middleware, which passes none on: a listener would be called a tick later.
  socket.use(([event, ...args]) => {
    // Not before: until `start` has been sent, Engine.IO's messages are bounded.
    if (event === 'start')
      endAudio = audio?.handTo((pos, pcm) => connection.handle('audio', [pos, pcm], undefined)) ?? endAudio;
    connection.handle(event, args, takeAck(args));
  });
  socket.on('disconnect', () => {
    endAudio();
    connection.close();
  });
}
