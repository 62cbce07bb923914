import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { type WebSocket, WebSocketServer } from 'ws';
import { Mismatch, within } from '../check.ts';
import type { Data } from '../driver/connection.ts';
import { Peer, type Said } from './peer.ts';
import { type Relay, startRelay } from './relay.ts';

const CONNECTION_WITHIN_MS = 25_000;
/** Close code of a refused ticket. */
const REFUSED = 4401;

export interface ScriptOptions {
  pingMs: number;
  /** How long an answer to a ping may take. */
  pongMs: number;
}

/** An error as the server sends it. */
export interface WireRefusal {
  code: string;
  message: string;
  retriable: boolean;
  retryAfterMs?: number;
}

/**
 * A server that does what a case says: real Socket.IO and real WebSocket, behind a relay. Each connection of the client is a
 * {@link Peer}.
 */
export class ScriptedServer {
  /** Why the n-th handshake (from 0) is refused; undefined: it is not. */
  admit: (ticket: string, n: number) => WireRefusal | undefined = () => undefined;
  readonly peers: Peer[] = [];
  readonly handshakes: { ticket: string; atMs: number }[] = [];
  readonly #options: ScriptOptions;
  readonly #http = createServer();
  readonly #io: Server;
  readonly #ws = new WebSocketServer({ noServer: true });
  readonly #listeners = new Set<() => void>();
  #relay: Relay | undefined;
  #given = 0;

  constructor(options: ScriptOptions) {
    this.#options = options;
    const { pingMs: pingInterval, pongMs: pingTimeout } = options;
    this.#io = new Server(this.#http, {
      transports: ['websocket'],
      allowEIO3: true,
      pingInterval,
      pingTimeout,
      maxHttpBufferSize: 4_000_000,
      destroyUpgrade: false,
    });
    this.#io.of('/realtime-voice').use((socket, next) => {
      const { auth, query, headers } = socket.handshake;
      socket.data.ticket = String(auth.ticket ?? query.ticket ?? bearerOf(headers.authorization));
      const refusal = this.#handshake(socket.data.ticket);
      next(refusal && Object.assign(new Error(refusal.message), { data: refusal }));
    });
    this.#io.of('/realtime-voice').on('connection', (socket) => this.#add(peerOfSocket(socket)));
    this.#http.on('upgrade', (request, socket, head) => {
      if (!/^\/(ws|api\/realtime-voice\/stream)(\?|$)/.test(request.url ?? '')) return;
      this.#ws.handleUpgrade(request, socket, head, (ws) => this.#admitNative(ws, request));
    });
  }

  /** Of the relay in front of it. */
  get url(): string {
    return `http://127.0.0.1:${this.relay.port}`;
  }

  get relay(): Relay {
    if (!this.#relay) throw new Error('the server does not listen yet');
    return this.#relay;
  }

  async listen(): Promise<void> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    this.#relay = await startRelay((this.#http.address() as AddressInfo).port);
  }

  close(): void {
    this.#relay?.close();
    for (const ws of this.#ws.clients) ws.terminate();
    void this.#io.close();
    this.#http.close();
  }

  /** The client's next connection. */
  async connection(withinMs = CONNECTION_WITHIN_MS): Promise<Peer> {
    const n = this.#given++;
    return this.#until('the client connects', () => this.peers[n], withinMs);
  }

  /** As many handshakes as that were tried. */
  async tried(count: number, withinMs = CONNECTION_WITHIN_MS): Promise<void> {
    await this.#until(`handshake ${count}`, () => this.handshakes.length >= count || undefined, withinMs);
  }

  async #until<T>(what: string, find: () => T | undefined, withinMs: number): Promise<T> {
    let look = (): void => {};
    const found = new Promise<T>((resolve) => {
      look = () => {
        const value = find();
        if (value !== undefined) resolve(value);
      };
      this.#listeners.add(look);
      look();
    });
    try {
      return await within(found, withinMs, what);
    } catch (error) {
      const seen = `${this.peers.length} connections, ${this.handshakes.length} handshakes`;
      throw error instanceof Mismatch ? new Mismatch(what, error.expected, seen) : error;
    } finally {
      this.#listeners.delete(look);
    }
  }

  #handshake(ticket: string): WireRefusal | undefined {
    this.handshakes.push({ ticket, atMs: performance.now() });
    const refusal = this.admit(ticket, this.handshakes.length - 1);
    this.#wake();
    return refusal;
  }

  #admitNative(ws: WebSocket, request: IncomingMessage): void {
    ws.on('error', () => {});
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket');
    const ticket = query ?? bearerOf(request.headers.authorization);
    const refusal = this.#handshake(ticket);
    if (refusal) {
      ws.send(JSON.stringify({ ...refusal, type: 'error', event: 'error', data: refusal }));
      ws.close(REFUSED);
    } else this.#add(peerOfWebSocket(ws, ticket, this.#options));
  }

  #add(peer: Peer): void {
    this.peers.push(peer);
    this.#wake();
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

const bearerOf = (header: string | undefined): string => /^Bearer (\S+)/i.exec(header ?? '')?.[1] ?? '';

function bytesOf(value: unknown): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  const text = typeof value === 'string' ? value : String((value as Data | undefined)?.audio ?? '');
  return new Uint8Array(Buffer.from(text, 'base64'));
}

const fieldsOf = (value: unknown): Data =>
  typeof value === 'object' && value !== null ? (value as Data) : { value };

function peerOfSocket(socket: Socket): Peer {
  const peer = new Peer(
    { emit: (event, data) => void socket.emit(event, data), close: () => socket.conn.close() },
    socket.data.ticket,
  );
  socket.onAny((event: string, ...args: unknown[]) => {
    const answer = typeof args.at(-1) === 'function' ? (args.pop() as (data: object) => void) : () => {};
    peer.heard({
      event,
      payload: fieldsOf(args[0]),
      answer,
      ...(event === 'audio' && { frame: frameOf(args) }),
    });
  });
  socket.on('disconnect', () => peer.gone());
  return peer;
}

function frameOf(args: unknown[]): Said['frame'] {
  const positioned = typeof args[0] === 'number';
  const [bytes, encoding] = positioned ? args.slice(1) : args;
  return {
    pos: positioned ? Number(args[0]) : undefined,
    bytes: bytesOf(bytes),
    encoding: positioned && typeof encoding === 'string' ? encoding : 'pcm',
  };
}

/** Reads and writes whichever of the two ways the client's first message has. */
function peerOfWebSocket(ws: WebSocket, ticket: string, { pingMs, pongMs }: ScriptOptions): Peer {
  let flat = false;
  let label: Data = {};
  const send = (message: object): void => ws.send(JSON.stringify(message));
  const peer = new Peer(
    {
      emit: (event, data) => send(flat ? { ...data, type: event } : { event, data }),
      close: () => ws.close(1001),
    },
    ticket,
  );
  const audio = (bytes: Uint8Array, { pos, encoding }: Data): void =>
    peer.heard({
      event: 'audio',
      payload: {},
      answer: () => {},
      frame: { pos: typeof pos === 'number' ? pos : undefined, bytes, encoding: String(encoding ?? 'pcm') },
    });
  ws.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) {
      audio(new Uint8Array(data), label);
      label = {};
      return;
    }
    const message = JSON.parse(String(data)) as Data;
    flat = message.event === undefined;
    const event = String(flat ? message.type : message.event);
    const { id } = message;
    const payload = flat ? message : fieldsOf(message.data ?? {});
    const base64 = flat ? message.audio : message.data;
    if (event === 'audio' && base64 === undefined) label = message;
    else if (event === 'audio') audio(bytesOf(base64), message);
    else {
      const answer = (given: object): void =>
        id === undefined
          ? undefined
          : send(flat ? { type: 'ack', id, data: given } : { ack: id, data: given });
      peer.heard({ event, payload, answer });
    }
  });
  const stopPinging = pingEvery(ws, pingMs, pongMs);
  ws.on('close', () => {
    stopPinging();
    peer.gone();
  });
  return peer;
}

function pingEvery(ws: WebSocket, pingMs: number, pongMs: number): () => void {
  let late: NodeJS.Timeout | undefined;
  const timer = setInterval(() => {
    ws.ping();
    late ??= setTimeout(() => ws.terminate(), pongMs);
  }, pingMs);
  ws.on('pong', () => {
    clearTimeout(late);
    late = undefined;
  });
  return () => {
    clearInterval(timer);
    clearTimeout(late);
  };
}
