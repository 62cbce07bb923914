import { WebSocket } from 'ws';
import {
  type AudioOptions,
  Connection,
  type ConnectOptions,
  type Data,
  Refused,
  type Shape,
  type TicketPlace,
} from './connection.ts';

export const STREAM_PATH = '/api/realtime-voice/stream';

type NativeShape = Exclude<Shape, 'socketio'>;

/** How one of the two ways writes a message. */
const written = {
  envelope: (event: string, data: unknown, id: number | undefined): object => ({ event, id, data }),
  flat: (type: string, payload: unknown, id: number | undefined): object => ({
    ...(typeof payload === 'object' ? payload : { endPos: payload }),
    type,
    id,
  }),
};

function addressOf({ url, path = STREAM_PATH }: ConnectOptions, query: Record<string, string>): URL {
  const address = new URL(path, url.replace(/^http/, 'ws'));
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return address;
}

/** The tickets by the place where a plain WebSocket can show them; `auth` is Socket.IO's. */
function ticketAt(options: ConnectOptions, wanted: TicketPlace): string | undefined {
  const { ticket, place = 'query', second } = options;
  if (place === wanted || (place === 'auth' && wanted === 'query')) return ticket;
  return second?.place === wanted ? second.ticket : undefined;
}

/** The socket before it is known whether the ticket is good. @param autoPong whether it answers pings */
export function dial(options: ConnectOptions, { autoPong = true }: { autoPong?: boolean } = {}): WebSocket {
  const query = ticketAt(options, 'query');
  const bearer = ticketAt(options, 'bearer');
  return new WebSocket(addressOf(options, query === undefined ? {} : { ticket: query }), {
    headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
    autoPong,
  });
}

export class NativeConnection extends Connection {
  readonly shape: NativeShape;
  readonly ws: WebSocket;
  readonly #waiting = new Map<number, (answer: Data) => void>();
  #ids = 0;

  constructor(ws: WebSocket, shape: NativeShape) {
    super();
    this.ws = ws;
    this.shape = shape;
    ws.on('message', (data) => this.#heard(String(data)));
    ws.on('close', (code, reason) => this.ended({ code, reason: String(reason) }));
    ws.on('error', () => {});
  }

  #heard(message: string): void {
    const read = JSON.parse(message) as Data;
    const { event, data, ack, type, ...rest } = read;
    const isAck = this.shape === 'envelope' ? ack !== undefined : type === 'ack';
    if (isAck) {
      const id = Number(this.shape === 'envelope' ? ack : read.id);
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (waiting) {
        this.answered();
        waiting(data as Data);
      } else this.tell('(ack)', read);
    } else if (this.shape === 'envelope') this.tell(String(event), data);
    else this.tell(String(type), rest);
  }

  request(event: string, payload?: unknown): Promise<Data> {
    const id = ++this.#ids;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.send(written[this.shape](event, payload, id));
    });
  }

  say(event: string, payload?: unknown): void {
    this.send(written[this.shape](event, payload, undefined));
  }

  audio(frame: Uint8Array, { pos, encoding, form = 'binary' }: AudioOptions = {}): void {
    const name = this.shape === 'envelope' ? { event: 'audio' } : { type: 'audio' };
    if (form !== 'binary') {
      const text = Buffer.from(frame).toString('base64');
      this.send({
        ...name,
        pos,
        encoding,
        ...(this.shape === 'envelope' ? { data: text } : { audio: text }),
      });
      return;
    }
    if (pos !== undefined) this.send({ ...name, pos, encoding });
    this.ws.send(frame);
  }

  /** A text message as it is. */
  send(message: object | string): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  close(): void {
    this.ws.close();
  }

  cut(): void {
    this.ws.terminate();
  }
}

/**
 * Opens a plain WebSocket, and waits until the server answers a ping, which it does behind what it says of a bad ticket.
 * @throws Refused
 */
export async function connectNative(options: ConnectOptions, shape: NativeShape): Promise<NativeConnection> {
  const ws = dial(options);
  const connection = new NativeConnection(ws, shape);
  await new Promise<void>((resolve, reject) => {
    const refused = (): void =>
      reject(new Refused(connection.of('error')[0], connection.ending ?? { reason: 'no connection' }));
    ws.once('error', refused);
    ws.once('close', refused);
    ws.once('open', () => ws.ping());
    ws.once('pong', () => resolve());
  });
  return connection;
}
