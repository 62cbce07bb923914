import { Mismatch, within } from '../check.ts';
import type { Data } from '../driver/connection.ts';

const MESSAGE_WITHIN_MS = 20_000;

/** Something that the client said on one connection. */
export interface Said {
  event: string;
  payload: Data;
  /** With `audio`. */
  frame?: { pos: number | undefined; bytes: Uint8Array; encoding: string };
  /** Answers it; where no answer was asked for it does nothing. */
  answer(data: object): void;
  /** ms since the connection was made. */
  atMs: number;
}

/** What a connection of either transport can do. */
export interface Wire {
  emit(event: string, data: object): void;
  /** Closes the connection as a server does that wants it closed. */
  close(): void;
}

/** One connection of the client, as the scripted server sees it. */
export class Peer {
  readonly said: Said[] = [];
  /** The ticket of the handshake. */
  readonly ticket: string;
  /** When it was made, on the clock of `performance.now`. */
  readonly openedMs = performance.now();
  /** Called for each message, before whoever waits for it. */
  onSaid: (said: Said) => void = () => {};
  readonly #wire: Wire;
  readonly #taken = new Set<Said>();
  readonly #listeners = new Set<() => void>();
  #closed = false;

  constructor(wire: Wire, ticket: string) {
    this.#wire = wire;
    this.ticket = ticket;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  emit(event: string, data: object): void {
    this.#wire.emit(event, data);
  }

  close(): void {
    this.#wire.close();
  }

  /** Of the transport: the client has said something. */
  heard(said: Omit<Said, 'atMs'>): void {
    const whole = { ...said, atMs: performance.now() - this.openedMs };
    this.said.push(whole);
    this.onSaid(whole);
    this.#wake();
  }

  /** Of the transport: the connection is gone. */
  gone(): void {
    this.#closed = true;
    this.#wake();
  }

  /** The next message of that name that nobody has taken yet. */
  next(event: string, withinMs = MESSAGE_WITHIN_MS): Promise<Said> {
    return this.until(
      `the client says ${event}`,
      () => {
        const found = this.said.find((one) => one.event === event && !this.#taken.has(one));
        if (found) this.#taken.add(found);
        return found;
      },
      withinMs,
    );
  }

  closed(withinMs = MESSAGE_WITHIN_MS): Promise<true> {
    return this.until('the client closes the connection', () => this.#closed || undefined, withinMs, true);
  }

  /** Something that holds after a message has come. */
  async until<T>(
    what: string,
    find: () => T | undefined,
    withinMs = MESSAGE_WITHIN_MS,
    afterClose = false,
  ): Promise<T> {
    let look = (): void => {};
    const found = new Promise<T>((resolve, reject) => {
      look = () => {
        const value = find();
        if (value !== undefined) resolve(value);
        else if (this.#closed && !afterClose)
          reject(new Mismatch(what, 'that', `closed; ${this.#summary()}`));
      };
      this.#listeners.add(look);
      look();
    });
    try {
      return await within(found, withinMs, what);
    } catch (error) {
      throw error instanceof Mismatch ? new Mismatch(what, error.expected, this.#summary()) : error;
    } finally {
      this.#listeners.delete(look);
    }
  }

  #summary(): string {
    const said = this.said.map(({ event, frame }) => (frame ? `audio ${frame.pos}` : event));
    return `${said.slice(-12).join(', ') || 'nothing said'}${this.#closed ? ', closed' : ''}`;
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
