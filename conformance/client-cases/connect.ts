import { recommended, required } from '../case.ts';
import { equal, like, pause, that } from '../check.ts';
import type { Data } from '../driver/connection.ts';
import type { ClientCase, ClientContext } from './context.ts';
import type { Said } from './peer.ts';

const EXPIRED = { code: 'TICKET_EXPIRED', message: '票据已过期', retriable: true };
const ID = /^[A-Za-z0-9_-]{8,64}$/;
/** The next connection after one that was lost without a word. */
const SOON_MS = 5_000;

const resumeOf = ({ payload }: Said): Data | undefined => payload.resume as Data | undefined;

/** The client says `start` first on this connection and on the next one. */
async function startsFirst({ begin, record, server, session }: ClientContext): Promise<void> {
  const first = await begin();
  equal('the first message', first.said[0]?.event, 'start');
  record(300);
  await session.received(first, 4_800);
  server.relay.cut();
  record(300);
  const second = await server.connection();
  await second.next('start');
  equal('the first message of the second connection', second.said[0]?.event, 'start');
}

/** Lost `n` sentences and reconnected; @returns the `start` of the second connection */
async function startAfter(
  { begin, server, session, showsLines }: ClientContext,
  said: (session: ClientContext['session'], peer: Awaited<ReturnType<ClientContext['begin']>>) => string[],
): Promise<Said> {
  const first = await begin();
  await showsLines(...said(session, first));
  server.relay.cut();
  const second = await server.connection();
  return second.next('start');
}

export const CONNECT_CASES: ClientCase[] = [
  ...required<ClientCase>([
    { name: 'start is the first thing said, on every connection', ids: ['R-CONNECT-1'], run: startsFirst },
    {
      name: 'sessionId and clientId are as they have to be',
      ids: ['R-CONNECT-2'],
      run: async ({ client, server }) => {
        void client.start().catch(() => {});
        const { payload } = await (await server.connection()).next('start');
        for (const name of ['sessionId', 'clientId'])
          like(name, payload[name], (id: unknown) => typeof id === 'string' && ID.test(id));
      },
    },
    {
      name: 'a recording keeps its sessionId and clientId on every connection',
      ids: ['R-CONNECT-2'],
      run: async ({ client, server, session }) => {
        void client.start().catch(() => {});
        const ids: unknown[] = [];
        for (let i = 0; i < 3; i++) {
          const { payload } = await session.accept(await server.connection());
          ids.push([payload.sessionId, payload.clientId]);
          server.relay.cut();
        }
        for (const id of ids) equal('the ids', id, ids[0]);
      },
    },
    {
      name: 'two recordings have different sessionIds and the same clientId',
      ids: ['R-CONNECT-2'],
      run: async ({ client, another, server }) => {
        void client.start().catch(() => {});
        const first = await (await server.connection()).next('start');
        void another()
          .start()
          .catch(() => {});
        const second = await (await server.connection()).next('start');
        that('the sessionIds', first.payload.sessionId !== second.payload.sessionId, first.payload.sessionId);
        equal('the clientId', second.payload.clientId, first.payload.clientId);
      },
    },
    {
      name: 'reconnects after a connection was cut',
      ids: ['R-CONNECT-3'],
      run: async ({ begin, server, session, record }) => {
        const first = await begin();
        record(200);
        await session.received(first, 3_200);
        server.relay.cut();
        await session.accept(await server.connection(SOON_MS * 2));
      },
    },
    {
      name: 'reconnects after the server closed the connection',
      ids: ['R-CONNECT-3'],
      run: async ({ begin, resumed }) => {
        (await begin()).close();
        await resumed();
      },
    },
    {
      name: 'keeps trying while the server cannot be reached',
      ids: ['R-CONNECT-3'],
      run: async ({ client, server, session, record }) => {
        server.relay.unreachable = true;
        void client.start().catch(() => {});
        record(500);
        await pause(2_500);
        equal('the state', client.state(), 'working');
        server.relay.unreachable = false;
        const peer = await server.connection();
        await session.accept(peer);
        await session.received(peer, 8_000);
      },
    },
    {
      name: 'waits longer after each attempt that did not work',
      ids: ['R-CONNECT-3'],
      run: async ({ client, server }) => {
        void client.start().catch(() => {});
        const openedMs: number[] = [];
        // accepts, and closes before anything has worked: that is no success
        for (let i = 0; i < 6; i++) {
          const peer = await server.connection();
          openedMs.push(peer.openedMs);
          await peer.next('start');
          peer.close();
        }
        const waits = openedMs.slice(1).map((ms, i) => ms - (openedMs[i] ?? 0));
        const [first = 0] = waits;
        that(
          'the waits',
          Math.max(...waits.slice(2)) > first * 1.2,
          waits.map(Math.round),
          'longer than the first',
        );
        that('the longest', Math.max(...waits) < 60_000, waits, 'less than a minute');
      },
    },
    {
      name: 'a reconnection resumes, and takes nothing from another client',
      ids: ['R-CONNECT-4', 'R-CONNECT-5'],
      run: async (context) => {
        const start = await startAfter(context, () => []);
        like('resume', resumeOf(start), { haveIndex: -1, takeOver: false });
      },
    },
    {
      name: 'the first start of a recording has no sentences',
      ids: ['R-CONNECT-5'],
      run: async ({ client, server }) => {
        void client.start().catch(() => {});
        const start = await (await server.connection()).next('start');
        equal('haveIndex', resumeOf(start)?.haveIndex ?? -1, -1);
      },
    },
    {
      name: 'haveIndex is what is stored, not all that was shown',
      ids: ['R-CONNECT-5'],
      run: async (context) => {
        const start = await startAfter(context, (session, peer) => {
          session.result(peer, 0, '一', true);
          session.result(peer, 1, '二', true);
          session.settle(peer, 0);
          session.result(peer, 2, '三', false);
          return ['一', '二', '三'];
        });
        like('resume', resumeOf(start), { haveIndex: 0 });
      },
    },
    {
      name: 'haveIndex is the newest stored one where all of them came',
      ids: ['R-CONNECT-5'],
      run: async (context) => {
        const start = await startAfter(context, (session, peer) => {
          for (const [index, text] of ['一', '二', '三'].entries()) session.result(peer, index, text, true);
          session.settle(peer, 2);
          session.result(peer, 3, '四', false);
          return ['一', '二', '三', '四'];
        });
        like('resume', resumeOf(start), { haveIndex: 2 });
      },
    },
    {
      name: 'haveIndex stays below a stored sentence that has not come',
      ids: ['R-CONNECT-5'],
      run: async (context) => {
        const start = await startAfter(context, (session, peer) => {
          session.result(peer, 0, '一', true);
          session.result(peer, 2, '三', true);
          session.settle(peer, 2);
          session.result(peer, 3, '四', false);
          return ['一', '三', '四'];
        });
        like('resume', resumeOf(start), { haveIndex: 0 });
      },
    },
    {
      name: 'comes again with the same sessionId where start was not answered',
      ids: ['R-CONNECT-6'],
      run: async ({ client, server, session }) => {
        void client.start().catch(() => {});
        const lost = await (await server.connection()).next('start');
        server.relay.cut();
        const again = await session.accept(await server.connection());
        equal('the sessionId', again.payload.sessionId, lost.payload.sessionId);
        equal('haveIndex', resumeOf(again)?.haveIndex ?? -1, -1);
      },
    },
    {
      name: 'shows a ticket on every connection',
      ids: ['R-CONNECT-7'],
      run: async ({ begin, server, resumed }) => {
        await begin();
        server.relay.cut();
        await resumed();
        for (const { ticket } of server.handshakes)
          like('the ticket', ticket, /^ticket-\d+$/.test.bind(/^ticket-\d+$/));
      },
    },
    {
      name: 'fetches a new ticket where the handshake says that it has expired',
      ids: ['R-CONNECT-7'],
      run: async ({ client, server, session }) => {
        server.admit = (_ticket, n) => (n === 0 ? EXPIRED : undefined);
        void client.start().catch(() => {});
        await session.accept(await server.connection());
        const [first, second] = server.handshakes;
        that('the second ticket', second !== undefined && second.ticket !== first?.ticket, server.handshakes);
      },
    },
    {
      name: 'fetches a new ticket where start says that it has expired',
      ids: ['R-CONNECT-7'],
      run: async ({ client, server, session }) => {
        void client.start().catch(() => {});
        (await (await server.connection()).next('start')).answer({ error: EXPIRED });
        const next = await server.connection();
        const { payload } = await session.accept(next);
        const old = server.handshakes[0]?.ticket;
        that('the new ticket', next.ticket !== old || payload.token !== undefined, { old, now: next.ticket });
      },
    },
    {
      name: 'does not go on with an instance that has lost what was stored',
      ids: ['R-CONNECT-9'],
      run: async ({ begin, record, server, session }) => {
        const first = await begin();
        record(1_000);
        await session.received(first, 16_000);
        session.committedPos = 16_000;
        session.progress(first);
        session.result(first, 0, '一', true);
        session.settle(first, 0);
        record(500);
        await session.received(first, 24_000);
        server.relay.cut();
        const stale = await server.connection();
        await session.accept(stale, { nextPos: 0, committedPos: 0, settledIndex: -1, nextIndex: 0 });
        await stale.closed();
        equal('audio for it', session.framesOf(stale), []);
        await session.accept(await server.connection(), { nextPos: 16_000 });
      },
    },
  ]),
  ...recommended<ClientCase>([
    {
      name: 'reconnects where start is not answered',
      ids: ['R-CONNECT-8'],
      run: async ({ client, server, session }) => {
        void client.start().catch(() => {});
        await (await server.connection()).next('start');
        await session.accept(await server.connection(40_000));
      },
    },
  ]),
];
