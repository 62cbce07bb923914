import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { type ExtendedError, Server, type Socket } from 'socket.io';
import { asVoiceError, VoiceError } from '../../../contract/errors.ts';
import { MAX_SOCKET_PAYLOAD_BYTES } from '../../../contract/limits.ts';
import { NAMESPACE } from '../../../contract/stream.ts';
import { TokenBucket } from '../../../lib/token-bucket.ts';
import type { ClientSocket } from '../session/takeover.ts';
import { authenticator, identityOf } from './auth.ts';
import { limitBackpressure } from './backpressure.ts';
import { type Acknowledge, ClientConnection, type TransportDeps } from './connection.ts';
import { EngineIoLimits } from './engine-io-limits.ts';
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

/**
 * Socket.IO: v5 clients, and v2 clients through Engine.IO v3. WebSocket only, since a polling client could
 * meet another instance with every request. Connection state recovery stays off: it skips the ticket check.
 */
export function attachSocketIo(http: HttpServer, deps: TransportDeps): Server {
  const io = new Server(http, {
    transports: ['websocket'],
    allowEIO3: true,
    serveClient: false,
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    maxHttpBufferSize: MAX_SOCKET_PAYLOAD_BYTES,
    perMessageDeflate: false,
    connectTimeout: CALLER_LIMITS.authenticateWithinMs,
    destroyUpgrade: false,
  });

  io.engine.use(refuseUnsupported);
  io.engine.use((request: IncomingMessage, _response: ServerResponse, next: (error?: unknown) => void) => {
    next(deps.unauthenticated.admit(request) > 0 ? new Error('too many connections') : undefined);
  });
  const engineLimits = new WeakMap<object, EngineIoLimits>();
  io.engine.on('connection', (connection) => {
    limitBackpressure(connection);
    engineLimits.set(connection, new EngineIoLimits(connection, deps.clock));
  });
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
    const left = engineLimits.get(socket.conn)?.join();
    socket.on('disconnect', () => left?.());
    serve(socket, deps);
  });
  return io;
}

/** Engine.IO protocol versions (`EIO` in the query): of Socket.IO 2 clients, and of 3 and later. */
const PROTOCOLS: ReadonlySet<string | null> = new Set(['3', '4']);

/**
 * Answers requests that cannot become a connection: long polling (the body says what to set, since clients only show the
 * status), and a missing or unknown protocol version, which Engine.IO would take for version 3.
 */
function refuseUnsupported(
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  if (query.get('transport') === 'websocket') {
    next(PROTOCOLS.has(query.get('EIO')) ? undefined : new Error('unknown EIO'));
    return;
  }
  response.writeHead(400, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(new VoiceError('USE_WEBSOCKET').toWire()));
}

function refusedConnection(thrown: unknown): ExtendedError {
  const wire = asVoiceError(thrown).toWire();
  return Object.assign(new Error(wire.message), { data: wire });
}

function serve(socket: Socket, deps: TransportDeps): void {
  const log = deps.log.child({ socket: socket.id });
  const { authenticate, authenticated } = socket.data;
  const connection = new ClientConnection(
    { ...deps, log },
    clientSocketOf(socket),
    authenticate,
    authenticated,
  );
  // All events through onAny: a listener of its own is called a tick later, so `stop` would overtake audio.
  socket.onAny((event: string, ...args: unknown[]) => connection.handle(event, args, takeAck(args)));
  socket.on('disconnect', () => connection.close());
}
