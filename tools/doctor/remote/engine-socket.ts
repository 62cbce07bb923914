import * as v from 'valibot';
import { type RawData, WebSocket } from 'ws';
import { type Clock, withTimeout } from '../../../lib/clock.ts';
import { Deferred } from '../../../lib/deferred.ts';

/** How long a WebSocket may take to open, and an answer to come, ms. */
export const ANSWER_MS = 15_000;

/** Engine.IO 4: what the server says when the connection opens (engine.io-protocol, handshake). */
const handshakeSchema = v.object({
  sid: v.string(),
  pingInterval: v.number(),
  pingTimeout: v.number(),
  maxPayload: v.number(),
});
export type Handshake = v.InferOutput<typeof handshakeSchema>;

/** Undefined: it is not the handshake of Engine.IO 4. */
export function readHandshake(message: string): Handshake | undefined {
  if (!message.startsWith('0{')) return undefined;
  try {
    return v.parse(handshakeSchema, JSON.parse(message.slice(1)));
  } catch {
    return undefined;
  }
}

/** The server answered an upgrade with an ordinary HTTP response. */
export class NotUpgraded extends Error {
  override readonly name = 'NotUpgraded';
  readonly status: number;
  readonly body: string;

  constructor(status: number, body: string) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** How a socket ended. Code 1006: without a closing frame, so nobody said why (RFC 6455 §7.1.5). */
export interface Closed {
  code: number;
  reason: string;
  /** After it was opened, ms. */
  afterMs: number;
}

const NO_ANSWER = { message: '没有在时限内得到应答', name: 'TimeoutError' };

/** A WebSocket whose messages are taken one by one. Answers the pings of Engine.IO unless told otherwise. */
export class EngineSocket {
  readonly #ws: WebSocket;
  readonly #clock: Clock;
  readonly #messages: (string | Buffer)[] = [];
  #waiting: Deferred<string | Buffer> | undefined;
  readonly #closed = new Deferred<Closed>();
  readonly #openedMs: number;
  #over: Closed | undefined;
  pings = 0;

  private constructor(ws: WebSocket, clock: Clock) {
    this.#ws = ws;
    this.#clock = clock;
    this.#openedMs = clock.now();
    ws.on('message', (data, binary) => this.#received(data, binary));
    ws.on('close', (code, reason) => this.#end(code, reason.toString()));
  }

  /** @throws NotUpgraded, or what the system says */
  static async open(url: string, clock: Clock): Promise<EngineSocket> {
    const ws = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: ANSWER_MS });
    return new Promise((resolve, reject) => {
      let opened = false;
      ws.on('upgrade', () => {
        opened = true;
        // before the first message can come
        resolve(new EngineSocket(ws, clock));
      });
      ws.on('unexpected-response', (_request, response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          reject(new NotUpgraded(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'))),
        );
        response.on('error', reject);
      });
      ws.on('error', (error) => {
        if (!opened) reject(/timed out/.test(error.message) ? Object.assign(error, NO_ANSWER) : error);
      });
    });
  }

  send(data: string | Uint8Array): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(data);
    // `upgrade` comes a moment before `open`
    else this.#ws.once('open', () => this.#ws.send(data));
  }

  /** The next message. @throws Error when the socket ends first, or nothing comes */
  async next(timeoutMs = ANSWER_MS): Promise<string | Buffer> {
    const ready = this.#messages.shift();
    if (ready !== undefined) return ready;
    if (this.#over) throw endedEarly(this.#over);
    const waiting = new Deferred<string | Buffer>();
    this.#waiting = waiting;
    return withTimeout(waiting.promise, this.#clock, timeoutMs, () => Object.assign(new Error(), NO_ANSWER));
  }

  /** How it ends; stays open for ever if nobody closes it. */
  get closed(): Promise<Closed> {
    return this.#closed.promise;
  }

  close(): void {
    this.#ws.terminate();
  }

  #received(data: RawData, binary: boolean): void {
    const message = binary ? (data as Buffer) : data.toString();
    if (message === '2') {
      this.pings += 1;
      this.#ws.send('3');
      return;
    }
    if (this.#waiting) this.#waiting.resolve(message);
    else this.#messages.push(message);
    this.#waiting = undefined;
  }

  #end(code: number, reason: string): void {
    this.#over = { code, reason, afterMs: this.#clock.now() - this.#openedMs };
    this.#closed.resolve(this.#over);
    this.#waiting?.reject(endedEarly(this.#over));
  }
}

/** What {@link EngineSocket.next} throws when the connection is gone. */
export class EndedEarly extends Error {
  override readonly name = 'EndedEarly';
  readonly closed: Closed;

  constructor(closed: Closed) {
    super(`连接被断开（${closed.code}${closed.reason ? ` ${closed.reason}` : ''}）`);
    this.closed = closed;
  }
}
const endedEarly = (closed: Closed): EndedEarly => new EndedEarly(closed);
