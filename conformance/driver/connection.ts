import { Mismatch, within } from '../check.ts';

/** A cold start, a database and a recogniser may be in between. */
export const ANSWER_WITHIN_MS = 50_000;
const EVENT_WITHIN_MS = 20_000;

/** What an answer is called among the events of {@link Connection.heard}. */
export const ANSWER = '(answer)';

export type Data = Record<string, unknown>;

/** Something that the server said. */
export interface Heard {
  event: string;
  data: Data;
  /** When, ms since the connection was made. */
  atMs: number;
}

/** Where the handshake shows the ticket; `none`: it does not. */
export type TicketPlace = 'auth' | 'query' | 'bearer' | 'none';
/** How a frame is written. */
export type AudioForm = 'binary' | 'base64' | 'object';
/** `envelope` and `flat` are the two ways of the plain WebSocket. */
export type Shape = 'socketio' | 'envelope' | 'flat';

export interface ConnectOptions {
  url: string;
  /** Socket.IO's path, or the plain WebSocket's. */
  path?: string | undefined;
  ticket?: string | undefined;
  place?: TicketPlace | undefined;
  /** A second ticket, at the place that is looked at later. */
  second?: { ticket: string; place: TicketPlace } | undefined;
}

export interface AudioOptions {
  pos?: number | undefined;
  encoding?: string | undefined;
  form?: AudioForm | undefined;
}

/** How a connection ended: the close code of the WebSocket, or the reason that Socket.IO gives. */
export interface Ending {
  code?: number;
  reason?: string;
}

/** The handshake was refused. */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** What the server said of it; undefined: nothing that can be read. */
  readonly data: Data | undefined;
  readonly ending: Ending;

  constructor(data: Data | undefined, ending: Ending) {
    super(`refused: ${JSON.stringify(data)} ${JSON.stringify(ending)}`);
    this.data = data;
    this.ending = ending;
  }
}

/** One connection to the server, and all that it has said. */
export abstract class Connection {
  abstract readonly shape: Shape;
  readonly heard: Heard[] = [];
  readonly #openedMs = performance.now();
  readonly #listeners = new Set<() => void>();
  #ending: Ending | undefined;

  /** Sends a request and waits for its acknowledgement, whatever it is. */
  async ask(event: string, payload?: unknown): Promise<Data> {
    return within(this.request(event, payload), ANSWER_WITHIN_MS, `the answer to ${event}`);
  }

  /** As {@link ask}, without a limit. */
  abstract request(event: string, payload?: unknown): Promise<Data>;
  /** Sends an event that asks for no acknowledgement. */
  abstract say(event: string, payload?: unknown): void;
  abstract audio(frame: Uint8Array, options?: AudioOptions): void;
  /** Leaves as the protocol has it. */
  abstract close(): void;
  /** Ends the network connection without a word. */
  abstract cut(): void;

  get ending(): Ending | undefined {
    return this.#ending;
  }

  of(event: string): Data[] {
    return this.heard.filter((one) => one.event === event).map(({ data }) => data);
  }

  /** The first event of that name that was or will be heard and matches. */
  async next(
    event: string,
    matches: (data: Data) => boolean = () => true,
    withinMs = EVENT_WITHIN_MS,
  ): Promise<Data> {
    const what = `the event ${event}`;
    return within(
      this.#until(() => {
        const found = this.of(event).find(matches);
        if (!found && this.#ending) throw new Mismatch(what, event, this.#seen());
        return found;
      }),
      withinMs,
      what,
    ).catch((error) => {
      throw error instanceof Mismatch ? new Mismatch(what, error.expected, this.#seen()) : error;
    });
  }

  /** How the connection ends, or has ended. */
  closed(withinMs = EVENT_WITHIN_MS): Promise<Ending> {
    return within(
      this.#until(() => this.#ending),
      withinMs,
      'the end of the connection',
    );
  }

  #seen(): string {
    const events = this.heard.slice(-6).map(({ event, data }) => `${event} ${JSON.stringify(data)}`);
    return `${events.join(' · ') || 'nothing'}${this.#ending ? ` · closed ${JSON.stringify(this.#ending)}` : ''}`;
  }

  #until<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        try {
          const found = find();
          if (found === undefined) return;
          this.#listeners.delete(look);
          resolve(found);
        } catch (error) {
          this.#listeners.delete(look);
          reject(error);
        }
      };
      this.#listeners.add(look);
      look();
    });
  }

  protected tell(event: string, data: unknown): void {
    const fields = typeof data === 'object' && data !== null ? (data as Data) : { value: data };
    this.heard.push({ event, data: fields, atMs: performance.now() - this.#openedMs });
    this.#wake();
  }

  /** An answer has come, before whoever waits for it knows: for cases about the order. */
  protected answered(): void {
    this.tell(ANSWER, {});
  }

  protected ended(ending: Ending): void {
    this.#ending ??= ending;
    this.#wake();
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
