import { io, type Socket } from 'socket.io-client';
import {
  type AudioOptions,
  Connection,
  type ConnectOptions,
  type Data,
  Refused,
  type TicketPlace,
} from './connection.ts';

const NAMESPACE = '/realtime-voice';
const DEFAULT_PATH = '/socket.io/';

/** Exactly these bytes: a view's buffer may be larger than the view. */
const exact = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

function placed(ticket: string | undefined, place: TicketPlace | undefined): object {
  if (ticket === undefined) return {};
  if (place === 'query') return { query: { ticket } };
  if (place === 'bearer') return { extraHeaders: { authorization: `Bearer ${ticket}` } };
  return place === 'none' ? {} : { auth: { ticket } };
}

class SocketIoConnection extends Connection {
  readonly shape = 'socketio' as const;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.onAny((event: string, data: unknown) => this.tell(event, data));
    socket.on('disconnect', (reason) => this.ended({ reason }));
  }

  request(event: string, payload?: unknown): Promise<Data> {
    const args = payload === undefined ? [] : [payload];
    return new Promise((resolve) => {
      this.#socket.emit(event, ...args, (answer: Data) => {
        this.answered();
        resolve(answer);
      });
    });
  }

  say(event: string, payload?: unknown): void {
    this.#socket.emit(event, ...(payload === undefined ? [] : [payload]));
  }

  audio(frame: Uint8Array, { pos, encoding, form = 'binary' }: AudioOptions = {}): void {
    const given = form === 'binary' ? exact(frame) : base64(frame);
    if (pos !== undefined) this.#socket.emit('audio', pos, given, ...(encoding ? [encoding] : []));
    else if (form === 'object') this.#socket.emit('audio', { audio: given, encoding });
    else this.#socket.emit('audio', given);
  }

  close(): void {
    this.#socket.disconnect();
  }

  cut(): void {
    const { ws } = (this.#socket.io.engine?.transport ?? {}) as { ws?: { terminate(): void } };
    ws?.terminate();
  }
}

/** Joins the namespace with the official client. @throws Refused */
export async function connectSocketIo(
  { url, path, ticket, place, second }: ConnectOptions,
  namespace = NAMESPACE,
): Promise<Connection> {
  const socket = io(new URL(namespace, url).href, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    path: path ?? DEFAULT_PATH,
    ...placed(second?.ticket, second?.place),
    ...placed(ticket, place),
  });
  const connection = new SocketIoConnection(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error: Error & { data?: Data }) => {
      socket.disconnect();
      reject(new Refused(error.data, { reason: error.message }));
    });
  });
  return connection;
}
