import type { Build } from '../../../lib/build.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Handshake } from './engine-socket.ts';

/** Signs a ticket. `nowMs`: as if it were that time. */
export type Sign = (options?: { nowMs?: number; ttlMs?: number }) => Promise<string>;

/** What is examined, and what the checks have found out for each other. */
export interface Target {
  clock: Clock;
  /** Of the container, without a `/` at its end. */
  url: string;
  /** With a slash at both ends, or `/`. */
  socketIoPath: string;
  /** Where the functions may be: the same address unless another one was given. */
  functionsUrl: string;
  /** Signs tickets; undefined: only `ticket` is there, or nothing. */
  sign: Sign | undefined;
  /** A ticket that is good, as far as can be told from here; undefined: there is none. */
  ticket: string | undefined;
  idleMs: number;
  /** The service itself answers at `url`. */
  isThere: boolean;
  /** What the container says that it is; undefined: it does not say. */
  container: Build | undefined;
  /** The build of the functions; undefined: they are not there, or do not say. */
  functionsBuild: string | undefined;
  /** The container has accepted `ticket`. */
  isTicketAccepted: boolean;
  /** The functions answer at `functionsUrl`. */
  hasFunctions: boolean;
  /** Of the answer to `/health`, the server's clock less ours, ms; undefined: it does not tell. */
  clockOffsetMs: number | undefined;
  handshake: Handshake | undefined;
  /** Sessions that the checks have made, to be deleted. */
  sessions: string[];
  /** What was recognised of the streamed sample. */
  streamed: { sessionId: string; text: string } | undefined;
  /** Today's sessions before the sample was streamed; undefined: not known. */
  before: { day: string; sessions: number } | undefined;
}

export const socketUrl = (url: string, path: string): string => `${url.replace(/^http/, 'ws')}${path}`;

/** Engine.IO 4 by WebSocket only. */
export const engineIoUrl = ({ url, socketIoPath }: Target): string =>
  socketUrl(url, `${socketIoPath}?EIO=4&transport=websocket`);
