import { ERRORS } from '../../contract/errors.ts';
import { at } from '../audio.ts';
import { required } from '../case.ts';
import { equal, pause, that } from '../check.ts';
import type { ClientCase, ClientContext } from './context.ts';
import type { WireRefusal } from './scripted-server.ts';

/** Long enough for a client that comes back although it should not. */
const MEANWHILE_MS = 4_000;
/** A connection that is silent while audio is not confirmed. */
const NOTICED_WITHIN_MS = 25_000;
/** Timers may be a little early. */
const EARLY_MS = 50;

const errorOf = (code: keyof typeof ERRORS, retryAfterMs?: number): WireRefusal => ({
  code,
  message: ERRORS[code].message,
  retriable: ERRORS[code].retriable,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

/** It has given up, its user knows why, and it does not come back. */
async function gaveUp({ client, server, shows }: ClientContext, code: string): Promise<void> {
  await shows(
    `it has failed with ${code}`,
    () => client.state() === 'failed' && client.errors().includes(code),
    () => [client.state(), client.errors()],
  );
  const before = server.handshakes.length;
  await pause(MEANWHILE_MS);
  equal('handshakes behind it', server.handshakes.length, before);
}

/** `start` is refused for good. */
const startRefused =
  (code: keyof typeof ERRORS) =>
  async (context: ClientContext): Promise<void> => {
    const { client, server } = context;
    void client.start().catch(() => {});
    (await (await server.connection()).next('start')).answer({ error: errorOf(code) });
    await gaveUp(context, code);
  };

/** `start` is refused for the moment, and comes again after the time that was asked for. */
const startPutOff =
  (code: keyof typeof ERRORS, retryAfterMs?: number) =>
  async ({ client, server, session }: ClientContext): Promise<void> => {
    void client.start().catch(() => {});
    (await (await server.connection()).next('start')).answer({ error: errorOf(code, retryAfterMs) });
    const refusedMs = performance.now();
    const peer = await server.connection();
    const waitedMs = peer.openedMs - refusedMs;
    await session.accept(peer);
    that(
      'the wait',
      waitedMs >= (retryAfterMs ?? 0) - EARLY_MS,
      Math.round(waitedMs),
      `≥ ${retryAfterMs ?? 0} ms`,
    );
  };

/** An `error` event within the session that the server gets over. */
const getsOver =
  (code: keyof typeof ERRORS) =>
  async ({ begin, record, session, server, client, shows }: ClientContext): Promise<void> => {
    const peer = await begin();
    record(300);
    await session.received(peer, at(300));
    peer.emit('error', { ...errorOf(code), sessionId: session.sessionId });
    record(300);
    await session.received(peer, at(600));
    await shows(
      'the user is told',
      () => client.errors().includes(code),
      () => client.errors(),
    );
    equal('connections', server.peers.length, 1);
    equal('the state', client.state(), 'working');
  };

/** An `error` event within the session that is its end. */
const isTheEnd =
  (code: keyof typeof ERRORS) =>
  async (context: ClientContext): Promise<void> => {
    const { begin, record, session } = context;
    const peer = await begin();
    record(300);
    await session.received(peer, at(300));
    peer.emit('error', { ...errorOf(code), sessionId: session.sessionId });
    await gaveUp(context, code);
  };

/** The connection has lost the session, which goes on on another one. */
async function startsAgain({ session, server, record }: ClientContext): Promise<void> {
  const peer = await server.connection();
  await session.accept(peer);
  record(300);
  await session.received(peer, session.nextPos + at(300));
}

export const REACT_CASES: ClientCase[] = required<ClientCase>([
  {
    name: 'a ticket that is refused for good ends it',
    ids: ['R-REACT-1'],
    run: async (context) => {
      context.server.admit = () => errorOf('TICKET_INVALID');
      void context.client.start().catch(() => {});
      await gaveUp(context, 'TICKET_INVALID');
      that(
        'handshakes',
        context.server.handshakes.length <= 3,
        context.server.handshakes.length,
        'at most 3',
      );
    },
  },
  { name: 'FORBIDDEN ends it', ids: ['R-REACT-1'], run: startRefused('FORBIDDEN') },
  { name: 'BAD_REQUEST ends it', ids: ['R-REACT-1'], run: startRefused('BAD_REQUEST') },
  { name: 'UNKNOWN_ENGINE ends it', ids: ['R-REACT-1'], run: startRefused('UNKNOWN_ENGINE') },
  { name: 'STORE_MISCONFIGURED ends it', ids: ['R-REACT-1'], run: startRefused('STORE_MISCONFIGURED') },
  {
    name: 'a session that another client has is not taken back by itself',
    ids: ['R-REACT-1', 'R-CONNECT-4'],
    run: async (context) => {
      const { begin, server } = context;
      await begin();
      server.relay.cut();
      (await (await server.connection()).next('start')).answer({ error: errorOf('TAKEN_OVER') });
      await gaveUp(context, 'TAKEN_OVER');
    },
  },
  {
    name: 'a session that was deleted meanwhile ends it',
    ids: ['R-REACT-1'],
    run: async (context) => {
      const { begin, server } = context;
      await begin();
      server.relay.cut();
      (await (await server.connection()).next('start')).answer({ error: errorOf('SESSION_DELETED') });
      await gaveUp(context, 'SESSION_DELETED');
    },
  },
  { name: 'BUSY comes again after retryAfterMs', ids: ['R-REACT-2'], run: startPutOff('BUSY', 2_500) },
  {
    name: 'RATE_LIMITED comes again after retryAfterMs',
    ids: ['R-REACT-2'],
    run: startPutOff('RATE_LIMITED', 3_000),
  },
  { name: 'STORE_UNAVAILABLE comes again', ids: ['R-REACT-2'], run: startPutOff('STORE_UNAVAILABLE') },
  { name: 'INTERNAL comes again', ids: ['R-REACT-2'], run: startPutOff('INTERNAL') },
  {
    name: 'a handshake that is refused for the moment comes again',
    ids: ['R-REACT-2'],
    run: async ({ client, server, session }) => {
      server.admit = (_ticket, n) => (n < 2 ? errorOf('BUSY', 300) : undefined);
      void client.start().catch(() => {});
      await session.accept(await server.connection());
    },
  },
  {
    name: 'a stop that is refused for the moment is said again',
    ids: ['R-REACT-2', 'R-END-2'],
    run: async ({ begin, record, client, session, server }) => {
      session.answersStop = false;
      const peer = await begin();
      record(300);
      const stopped = client.stop();
      (await peer.next('stop')).answer({ error: errorOf('ASR_UNAVAILABLE') });
      session.answersStop = true;
      // on the same connection or on the next one
      void server.connection().then(
        (next) => session.accept(next),
        () => {},
      );
      await stopped;
    },
  },
  {
    name: 'STORE_UNAVAILABLE within the session disturbs nothing, and is told',
    ids: ['R-REACT-3'],
    run: getsOver('STORE_UNAVAILABLE'),
  },
  {
    name: 'ASR_UNAVAILABLE within the session disturbs nothing, and is told',
    ids: ['R-REACT-3'],
    run: getsOver('ASR_UNAVAILABLE'),
  },
  { name: 'TAKEN_OVER within the session ends it', ids: ['R-REACT-4'], run: isTheEnd('TAKEN_OVER') },
  {
    name: 'SESSION_DELETED within the session ends it',
    ids: ['R-REACT-4'],
    run: isTheEnd('SESSION_DELETED'),
  },
  { name: 'ASR_NO_QUOTA within the session ends it', ids: ['R-REACT-4'], run: isTheEnd('ASR_NO_QUOTA') },
  {
    name: 'an error of another session ends nothing',
    ids: ['R-REACT-4', 'R-SHOW-4'],
    run: async ({ begin, record, session, client }) => {
      const peer = await begin();
      peer.emit('error', { ...errorOf('TAKEN_OVER'), sessionId: 'another-session' });
      record(300);
      await session.received(peer, at(300));
      equal('the state', client.state(), 'working');
    },
  },
  {
    name: 'NOT_STARTED within the session starts it again',
    ids: ['R-REACT-5'],
    run: async (context) => {
      const { begin, record, session } = context;
      const peer = await begin();
      record(300);
      await session.received(peer, at(300));
      peer.emit('error', errorOf('NOT_STARTED'));
      await startsAgain(context);
    },
  },
  {
    name: 'ALREADY_STARTED starts it again on another connection',
    ids: ['R-REACT-5'],
    run: async (context) => {
      const { client, server } = context;
      void client.start().catch(() => {});
      (await (await server.connection()).next('start')).answer({ error: errorOf('ALREADY_STARTED') });
      await startsAgain(context);
    },
  },
  {
    name: 'SESSION_ENDED as the answer to stop asks again on another connection',
    ids: ['R-REACT-5', 'R-END-2'],
    run: async ({ begin, record, client, session, resumed }) => {
      session.answersStop = false;
      const peer = await begin();
      record(300);
      const stopped = client.stop();
      (await peer.next('stop')).answer({ error: errorOf('SESSION_ENDED') });
      session.answersStop = true;
      await resumed();
      await stopped;
    },
  },
  {
    name: 'an instance that announces its end is used until it goes, and then another one at once',
    ids: ['R-REACT-6'],
    run: async ({ begin, record, session, server, resumed }) => {
      const first = await begin();
      first.emit('draining', { deadlineMs: 60_000 });
      record(500);
      await session.received(first, at(500));
      first.close();
      const closedMs = performance.now();
      const second = await resumed();
      that('the wait', second.openedMs - closedMs < 10_000, Math.round(second.openedMs - closedMs), '< 10 s');
      record(500);
      await session.received(second, at(1_000));
      equal('connections', server.peers.length, 2);
    },
  },
  {
    name: 'an instance that announces its end and does not go is left behind its deadline',
    ids: ['R-REACT-6'],
    run: async ({ begin, server, session }) => {
      const first = await begin();
      first.emit('draining', { deadlineMs: 500 });
      await session.accept(await server.connection(15_000));
    },
  },
  {
    name: 'DRAINING comes again',
    ids: ['R-REACT-6', 'R-REACT-2'],
    run: startPutOff('DRAINING', 300),
  },
  {
    name: 'a link on which nothing passes any more is given up',
    ids: ['R-REACT-7'],
    run: async ({ begin, record, session, server }) => {
      const first = await begin();
      record(500);
      await session.received(first, at(500));
      server.relay.freeze();
      record(500);
      const second = await server.connection(NOTICED_WITHIN_MS);
      await session.accept(second, { nextPos: at(500) });
      await session.received(second, at(1_000));
    },
  },
  {
    name: 'a server that takes audio and says nothing is given up, although its heartbeats come',
    ids: ['R-REACT-7'],
    pings: { pingMs: 1_000, pongMs: 5_000 },
    run: async ({ begin, record, session, server }) => {
      session.confirms = false;
      const first = await begin();
      record(500);
      await session.received(first, at(500));
      session.confirms = true;
      const second = await server.connection(NOTICED_WITHIN_MS);
      await session.accept(second);
    },
  },
  {
    name: 'silence while nothing is due is no reason to reconnect',
    ids: ['R-REACT-7'],
    run: async ({ begin, record, session, server }) => {
      const peer = await begin();
      record(500);
      await session.received(peer, at(500));
      await pause(12_000);
      equal('connections', server.peers.length, 1);
      record(500);
      await session.received(peer, at(1_000));
    },
  },
  {
    name: 'heartbeats are answered',
    ids: ['R-REACT-8'],
    pings: { pingMs: 500, pongMs: 1_500 },
    run: async ({ begin, record, session, server }) => {
      const peer = await begin();
      await pause(5_000);
      record(300);
      await session.received(peer, at(300));
      equal('connections', server.peers.length, 1);
    },
  },
  {
    name: 'a server whose heartbeats stop is given up, although nothing is due',
    ids: ['R-REACT-8'],
    needs: ['socketio'],
    pings: { pingMs: 1_000, pongMs: 1_000 },
    run: async ({ begin, server, session }) => {
      await begin();
      server.relay.freeze();
      await session.accept(await server.connection(15_000));
    },
  },
  {
    name: 'a stop that is not answered is said again on another connection',
    ids: ['R-REACT-7'],
    run: async ({ begin, record, client, session, server }) => {
      session.answersStop = false;
      const first = await begin();
      record(300);
      const stopped = client.stop();
      await first.next('stop');
      const second = await server.connection(60_000);
      session.answersStop = true;
      await session.accept(second);
      await stopped;
    },
  },
]);
