import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { NAMESPACE } from '../../contract/stream.ts';
import { Deferred } from '../../lib/deferred.ts';
import { readTextStamp } from '../sink/stamp.ts';
import { type DialectName, dialectOf } from './dialects.ts';

/** `wire` writes the packets itself and costs little; `official` is socket.io-client, which a bare relay has no use for. */
export type ClientKind = 'wire' | 'official';

export interface PhoneOptions {
  url: string;
  dialect: DialectName;
  ticket: string;
  /** Without one it is connected, and that is all. */
  withSession: boolean;
}
export interface PhoneEvents {
  result(sentUs: number): void;
  acknowledged(): void;
  /** Refused or closed: whatever it is, nothing of it belongs into a measurement. */
  failed(why: string): void;
}
/** One person's connection to the server. */
export interface Phone {
  /** Audio may be sent, or, without a session, it is connected. Rejects where it is refused. */
  readonly begun: Promise<void>;
  /** @param number counts the frames of the stream @param pcm 16-bit little-endian */
  frame(number: number, samples: number, pcm: Buffer): void;
  close(): void;
}

export const openPhone = (kind: ClientKind, options: PhoneOptions, events: PhoneEvents): Phone =>
  kind === 'official' && options.dialect !== 'relay'
    ? officialPhone({ ...options, dialect: options.dialect }, events)
    : wirePhone(options, events);

function wirePhone({ url, dialect: name, ticket, withSession }: PhoneOptions, events: PhoneEvents): Phone {
  const dialect = dialectOf(name, ticket);
  const ws = new WebSocket(url.replace('http', 'ws') + dialect.path, { perMessageDeflate: false });
  const begun = new Deferred<void>();
  ws.on('error', (error) => begun.reject(error));
  ws.on('close', () => events.failed('it was closed'));
  ws.on('message', (data: Buffer) => {
    const heard = dialect.hear(data.toString());
    if (heard.kind === 'reply') ws.send(heard.say);
    else if (heard.kind === 'connected') withSession ? ws.send(dialect.start()) : begun.resolve();
    else if (heard.kind === 'ready') begun.resolve();
    else if (heard.kind === 'acknowledged') events.acknowledged();
    else if (heard.kind === 'result') events.result(heard.sentUs);
    else if (heard.kind === 'refused') {
      events.failed(heard.why);
      begun.reject(new Error(heard.why));
    }
  });
  return {
    begun: begun.promise,
    frame(number, samples, pcm) {
      for (const message of dialect.frame(number, samples, pcm)) ws.send(message);
    },
    close: () => ws.removeAllListeners('close').terminate(),
  };
}

function officialPhone(
  { url, dialect, ticket, withSession }: PhoneOptions & { dialect: Exclude<DialectName, 'relay'> },
  events: PhoneEvents,
): Phone {
  const isContainer = dialect === 'container';
  const isBase64 = dialect === 'published';
  const socket = io(url + (isContainer ? NAMESPACE : '/'), {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: { ticket },
  });
  const begun = new Deferred<void>();
  const failed = (why: string): void => {
    events.failed(why);
    begun.reject(new Error(why));
  };
  socket.on('connect', () => {
    if (!withSession) return begun.resolve();
    const request = isContainer ? { sessionId: randomUUID(), clientId: randomUUID() } : {};
    socket.emit('start', request, (answer: object) =>
      'error' in answer ? failed(JSON.stringify(answer)) : begun.resolve(),
    );
  });
  socket.on('connect_error', ({ message }) => failed(message));
  socket.on('disconnect', (reason) => failed(`it was closed: ${reason}`));
  socket.onAny((event: string, ...content: unknown[]) => {
    if (event === 'error') return failed(JSON.stringify(content));
    const sentUs = readTextStamp(JSON.stringify(content));
    if (sentUs !== undefined) events.result(sentUs);
  });
  return {
    begun: begun.promise,
    frame(number, samples, pcm) {
      if (isBase64) socket.emit('audio', { audio: pcm.toString('base64') }, () => events.acknowledged());
      else socket.emit('audio', number * samples, pcm);
    },
    close() {
      socket.removeAllListeners();
      socket.disconnect();
    },
  };
}
