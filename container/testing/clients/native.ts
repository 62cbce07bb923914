import { WebSocket } from 'ws';
import { STREAM_PATHS } from '../../../contract/paths.ts';
import type { AudioEncoding } from '../../../contract/stream.ts';
import {
  base64Of,
  ConnectionRefused,
  type ConnectOptions,
  type EventData,
  type VoiceClient,
  type VoiceConnection,
} from './types.ts';

interface FrameLabel {
  pos: number | undefined;
  encoding: AudioEncoding | undefined;
}

/** How a native client writes and reads text messages. */
interface Shape {
  name: string;
  write(event: string, payload: object | undefined, id: number | undefined): object;
  /** A frame in Base64. */
  base64(audio: string, label: FrameLabel): object;
  read(message: EventData): { event: string; data: EventData } | { ack: number; answer: unknown };
}

const ENVELOPE: Shape = {
  name: '原生 WebSocket（{ event, data }）',
  write: (event, data, id) => ({ event, data, id, ...(event === 'audio' && { data: undefined, ...data }) }),
  base64: (data, label) => ({ event: 'audio', data, ...label }),
  read: ({ event, data, ack }) =>
    ack === undefined
      ? { event: event as string, data: data as EventData }
      : { ack: ack as number, answer: data },
};

const FLAT: Shape = {
  name: '原生 WebSocket（{ type, … }）',
  // published clients also say who they are, which nobody believes
  write: (type, payload, id) => ({ ...payload, type, id, ...(type === 'start' && { userId: 'somebody' }) }),
  base64: (audio, label) => ({ type: 'audio', audio, ...label }),
  read: ({ type, ...data }) =>
    type === 'ack' ? { ack: data.id as number, answer: data.data } : { event: type as string, data },
};

/** Opens a socket; the service answers no ping before it has checked the ticket. */
async function openSocket(url: string, shape: Shape, options: ConnectOptions): Promise<WebSocket> {
  const { ticket, place, streamPath = STREAM_PATHS[0], selfSigned = false } = options;
  const address = new URL(streamPath, url.replace(/^http/, 'ws'));
  if (ticket && place === 'query') address.searchParams.set('ticket', ticket);
  const headers: Record<string, string> = place === 'bearer' ? { authorization: `Bearer ${ticket}` } : {};
  const ws = new WebSocket(address, { headers, rejectUnauthorized: !selfSigned });
  await new Promise<void>((resolve, reject) => {
    let code: string | undefined;
    ws.on('error', (error) => reject(new ConnectionRefused(undefined, error)));
    ws.once('message', (data) => {
      const read = shape.read(JSON.parse(String(data)));
      if ('event' in read && read.event === 'error') code = read.data.code as string;
    });
    ws.once('close', (status) => reject(new ConnectionRefused(code, status)));
    ws.once('open', () => ws.ping());
    ws.once('pong', () => resolve());
  });
  return ws;
}

class NativeConnection implements VoiceConnection {
  readonly closed: Promise<void>;
  readonly #ws: WebSocket;
  readonly #shape: Shape;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  readonly #listeners: [event: string, listener: (data: EventData) => void][] = [];
  #ids = 0;

  constructor(ws: WebSocket, shape: Shape) {
    this.#ws = ws;
    this.#shape = shape;
    this.closed = new Promise((resolve) => ws.once('close', () => resolve()));
    ws.on('message', (data) => this.#heard(JSON.parse(String(data))));
  }

  #heard(message: EventData): void {
    const read = this.#shape.read(message);
    if ('ack' in read) {
      this.#waiting.get(read.ack)?.(read.answer);
      this.#waiting.delete(read.ack);
      return;
    }
    for (const [event, listener] of this.#listeners) if (event === read.event) listener(read.data);
  }

  #send(message: object): void {
    this.#ws.send(JSON.stringify(message));
  }

  ask(event: string, payload?: object): Promise<unknown> {
    const id = ++this.#ids;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send(this.#shape.write(event, payload, id));
    });
  }

  say(event: string, payload?: object): void {
    this.#send(this.#shape.write(event, payload, undefined));
  }

  audio(frame: Uint8Array, pos?: number, encoding?: AudioEncoding): void {
    if (pos !== undefined) this.#send(this.#shape.write('audio', { pos, encoding }, undefined));
    this.#ws.send(frame);
  }

  base64(frame: Uint8Array, pos?: number, encoding?: AudioEncoding): void {
    this.#send(this.#shape.base64(base64Of(frame), { pos, encoding }));
  }

  on(event: string, listener: (data: EventData) => void): void {
    this.#listeners.push([event, listener]);
  }

  close(): void {
    this.#ws.close();
  }
}

const nativeClient = (shape: Shape): VoiceClient => ({
  name: shape.name,
  places: ['query', 'bearer'],
  connect: async (url, options = {}) =>
    new NativeConnection(await openSocket(url, shape, { place: 'query', ...options }), shape),
});

/** The `ws` package, as any WebSocket client; one for each shape of messages. */
export const NATIVE_CLIENTS: readonly VoiceClient[] = [nativeClient(ENVELOPE), nativeClient(FLAT)];
