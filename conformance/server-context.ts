import { randomUUID } from 'node:crypto';
import type { Speech } from './audio.ts';
import type { Case, Need } from './case.ts';
import { Mismatch } from './check.ts';
import {
  type Connection,
  type ConnectOptions,
  type Data,
  Refused,
  type Shape,
  type TicketPlace,
} from './driver/connection.ts';
import { connectNative } from './driver/native.ts';
import { connectSocketIo } from './driver/socketio.ts';
import type { Prepared } from './run.ts';
import type { TicketSource } from './tickets.ts';

export type Transport = 'socketio' | 'native';

/** The server that is looked at, and what is given to look at it with. */
export interface ServerUnderTest {
  url: string;
  transport: Transport;
  /** Where the transport is, if not at its usual path. */
  path?: string | undefined;
  tickets: TicketSource;
  speech: Speech | undefined;
  /** Replaces the instance by another one at the same address; settles when that one takes sessions. */
  restart: (() => Promise<void>) | undefined;
}

export interface ConnectAs {
  /** Default: the case's own user. */
  user?: string;
  /** Instead of the user's. */
  ticket?: string;
  place?: TicketPlace;
  second?: ConnectOptions['second'];
  shape?: Shape;
  path?: string;
}

/** What a case does things with. */
export interface ServerContext {
  readonly server: ServerUnderTest;
  /** Of the case; nobody else's where there are tickets of several users. */
  readonly user: string;
  readonly speech: Speech;
  /** A connection that is closed after the case. @throws Refused */
  connect(as?: ConnectAs): Promise<Connection>;
  /** What the handshake is refused with. */
  refusal(as: ConnectAs): Promise<Refused>;
  ticket(user: string): Promise<string>;
}

export type ServerCase = Case<ServerContext>;

const REFUSED_WITHIN_MS = 10_000;

export const newId = (): string => randomUUID();

/** What of the needs of cases there is. */
export function givenBy({ transport, tickets, speech, restart }: ServerUnderTest): Set<Need> {
  const has = new Set<Need>([transport]);
  if (speech) has.add('speech');
  if (tickets.manyUsers) has.add('users');
  if (tickets.signs) has.add('signing');
  if (restart) has.add('restart');
  return has;
}

/** A case's context. */
export function prepareServerCase(server: ServerUnderTest): Prepared<ServerContext> {
  const open: Connection[] = [];
  const user = server.tickets.manyUsers ? `oCase-${newId()}` : '';
  const ticket = (of: string): Promise<string> => server.tickets.ticket(of);
  const connect = async (as: ConnectAs = {}): Promise<Connection> => {
    const { place, second, path = server.path } = as;
    const given = as.ticket ?? (place === 'none' ? undefined : await ticket(as.user ?? user));
    const options: ConnectOptions = { url: server.url, path, ticket: given, place, second };
    const shape = as.shape ?? (server.transport === 'socketio' ? 'socketio' : 'envelope');
    const made = shape === 'socketio' ? await connectSocketIo(options) : await connectNative(options, shape);
    open.push(made);
    return made;
  };
  const refusal = async (as: ConnectAs): Promise<Refused> => {
    try {
      const connection = await connect(as);
      // A plain WebSocket may be open before its ticket is looked at.
      const ending = await connection.closed(REFUSED_WITHIN_MS);
      return new Refused(connection.of('error')[0], ending);
    } catch (error) {
      if (error instanceof Refused) return error;
      throw error instanceof Mismatch ? new Mismatch('the handshake', 'a refusal', 'it was accepted') : error;
    }
  };
  const context: ServerContext = {
    server,
    user,
    get speech() {
      if (!server.speech) throw new Error('the case does not say that it needs speech');
      return server.speech;
    },
    connect,
    refusal,
    ticket,
  };
  return {
    context,
    release: () => {
      for (const connection of open) {
        // A session that goes on counts against the limit of its user.
        if (!connection.ending) connection.say('cancel');
        connection.close();
      }
    },
  };
}

/** The error of a refusal. */
export const errorOf = (answer: Data): Data | undefined => answer?.error as Data | undefined;
