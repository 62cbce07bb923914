import { readFileSync } from 'node:fs';
import type { AudioEncoding } from '../../../contract/stream.ts';

/** Where a client shows its ticket when it connects; `none`: it does not, `start` may carry it. */
export type TicketPlace = 'auth' | 'query' | 'bearer' | 'none';

export interface ConnectOptions {
  ticket?: string;
  /** Default: the first of the client's places. */
  place?: TicketPlace;
  /** Socket.IO's path, where it is not the default. */
  path?: string;
  /** The native WebSocket's path, where it is not the default. */
  streamPath?: string;
  /** What binary audio is given to the client as. Default: a buffer of exactly the frame's size. */
  binary?: 'ArrayBuffer' | 'Uint8Array';
  /** Accept a certificate that nobody has signed. */
  selfSigned?: boolean;
}

/** One connection of a real client library to the streaming service. */
export interface VoiceConnection {
  /** Sends an event and waits for its acknowledgement, whatever it is. */
  ask(event: string, payload?: object): Promise<unknown>;
  /** Sends an event that asks for no acknowledgement. */
  say(event: string, payload?: object): void;
  /** @param pos undefined: unpositioned @param encoding undefined: it is not said */
  audio(frame: Uint8Array, pos?: number, encoding?: AudioEncoding): void;
  /** The same in Base64. */
  base64(frame: Uint8Array, pos?: number, encoding?: AudioEncoding): void;
  on(event: string, listener: (data: EventData) => void): void;
  /** Settles when the transport is gone, whoever has closed it. */
  readonly closed: Promise<void>;
  close(): void;
}

export type EventData = Record<string, unknown>;

/** One kind of client. */
export interface VoiceClient {
  /** As the compatibility table names it. */
  readonly name: string;
  /** Where it is able to show a ticket. */
  readonly places: readonly Exclude<TicketPlace, 'none'>[];
  /** @throws ConnectionRefused, with the code that the service gave */
  connect(url: string, options?: ConnectOptions): Promise<VoiceConnection>;
}

const PACKAGES = new URL('../../../node_modules/', import.meta.url);

/** The version of an installed package. */
export const versionOf = (name: string): string =>
  (JSON.parse(readFileSync(new URL(`${name}/package.json`, PACKAGES), 'utf8')) as { version: string })
    .version;

export class ConnectionRefused extends Error {
  readonly code: string | undefined;

  constructor(code: string | undefined, cause?: unknown) {
    super(code ?? String(cause), { cause });
    this.name = 'ConnectionRefused';
    this.code = code;
  }
}

/** Exactly these bytes: a view's buffer may be larger than the view. */
export const exactBuffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

export const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
