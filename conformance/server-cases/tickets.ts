import { silence } from '../audio.ts';
import { recommended, required } from '../case.ts';
import { absent, equal, like, pause, text, that } from '../check.ts';
import type { TicketPlace } from '../driver/connection.ts';
import { newId, type ServerCase, type ServerContext } from '../server-context.ts';
import { begin, CLIENT_ID, granted, refused, stop, undisturbed } from '../steps.ts';

const ERROR = { code: text, message: text, retriable: false };

/** A ticket at that place is good enough to begin a session. */
const taken =
  (place: TicketPlace) =>
  async ({ connect }: ServerContext): Promise<void> => {
    const one = await connect({ place });
    like('the answer to start', await begin(one), { state: 'live' });
    await granted(one, 'cancel');
  };

/** Refused in the handshake and, by the same code, in `start`. */
async function refusedEverywhere(
  { connect, refusal }: ServerContext,
  ticket: string,
  error: object,
): Promise<void> {
  for (const place of ['query', 'bearer'] as const) {
    const { data } = await refusal({ ticket, place });
    like(`the refusal of the handshake (${place})`, data, error);
  }
  const one = await connect({ place: 'none' });
  like('the refusal of start', await refused(one, 'start', { token: ticket }), error);
}

const hourAgo = (): number => Math.floor(Date.now() / 1000) - 3_600;

export const TICKET_CASES: ServerCase[] = [
  ...required<ServerCase>([
    { name: 'a ticket in the query is taken', ids: ['R-TICKET-1'], run: taken('query') },
    { name: 'a ticket in the header Authorization is taken', ids: ['R-TICKET-1'], run: taken('bearer') },
    { name: 'a ticket in auth is taken', ids: ['R-TICKET-1'], needs: ['socketio'], run: taken('auth') },
    {
      name: 'a bad ticket in the query is not made good by one in the header',
      ids: ['R-TICKET-2'],
      run: async ({ refusal, ticket, user }) => {
        const good = await ticket(user);
        const { data } = await refusal({
          ticket: 'bad',
          place: 'query',
          second: { ticket: good, place: 'bearer' },
        });
        like('the refusal', data, { code: 'TICKET_INVALID' });
      },
    },
    {
      name: 'a good ticket in auth is not spoilt by a bad one in the query',
      ids: ['R-TICKET-2'],
      needs: ['socketio'],
      run: async ({ connect }) => {
        const one = await connect({ place: 'auth', second: { ticket: 'bad', place: 'query' } });
        like('the answer to start', await begin(one), { state: 'live' });
      },
    },
    {
      name: 'the refusal of a handshake over Socket.IO is in connect_error, as data',
      ids: ['R-TICKET-3'],
      needs: ['socketio'],
      run: async ({ refusal }) => {
        like('err.data', (await refusal({ ticket: 'bad' })).data, { ...ERROR, code: 'TICKET_INVALID' });
      },
    },
    {
      name: 'the refusal of a handshake over a plain WebSocket is an error, then 4401',
      ids: ['R-TICKET-3'],
      needs: ['native'],
      run: async ({ refusal }) => {
        const { data, ending } = await refusal({ ticket: 'bad' });
        like('the error', data, { ...ERROR, code: 'TICKET_INVALID' });
        like('the end', ending, { code: 4401 });
      },
    },
    {
      name: 'what is no ticket is TICKET_INVALID, and not retriable',
      ids: ['R-TICKET-4'],
      run: (context) =>
        refusedEverywhere(context, 'this.is.none', { code: 'TICKET_INVALID', retriable: false }),
    },
    {
      name: 'a ticket whose signature was changed is TICKET_INVALID',
      ids: ['R-TICKET-4'],
      run: async (context) => {
        const good = await context.ticket(context.user);
        const [head, body, signature = ''] = good.split('.');
        const other = [...signature].reverse().join('');
        await refusedEverywhere(context, [head, body, other].join('.'), { code: 'TICKET_INVALID' });
      },
    },
    {
      name: 'an expired ticket is TICKET_EXPIRED, and retriable',
      ids: ['R-TICKET-4'],
      needs: ['signing'],
      run: async (context) => {
        const ticket = context.server.tickets.sign({ claims: { exp: hourAgo() } });
        await refusedEverywhere(context, ticket, { code: 'TICKET_EXPIRED', retriable: true });
      },
    },
    {
      name: 'without a ticket in the handshake the token of start will do',
      ids: ['R-TICKET-5'],
      run: async ({ connect, ticket, user }) => {
        const one = await connect({ place: 'none' });
        like('the answer', await begin(one, { token: await ticket(user) }), { state: 'live' });
        await granted(one, 'cancel');
      },
    },
    {
      name: 'without any ticket start is UNAUTHENTICATED',
      ids: ['R-TICKET-5'],
      run: async ({ connect }) => {
        const one = await connect({ place: 'none' });
        like('the refusal', await refused(one, 'start', { clientId: CLIENT_ID }), {
          ...ERROR,
          code: 'UNAUTHENTICATED',
        });
      },
    },
    {
      name: 'after a bad token the connection stays, and a good one may follow',
      ids: ['R-TICKET-6', 'R-START-13'],
      run: async ({ connect, ticket, user }) => {
        const one = await connect({ place: 'none' });
        const sessionId = newId();
        like('the first', await refused(one, 'start', { sessionId, token: 'bad' }), {
          code: 'TICKET_INVALID',
        });
        like('the second', await begin(one, { sessionId, token: await ticket(user) }), {
          state: 'live',
          sessionId,
        });
        await granted(one, 'cancel');
      },
    },
    {
      name: 'a userId that the client claims opens nobody’s session',
      ids: ['R-TICKET-7', 'R-TICKET-8'],
      needs: ['users'],
      run: async ({ connect, user }) => {
        const owner = await connect();
        const { sessionId } = await begin(owner);
        const stranger = await connect({ user: `oOther-${newId()}` });
        const request = { sessionId, clientId: CLIENT_ID, userId: user };
        like('the refusal', await refused(stranger, 'start', request), { ...ERROR, code: 'FORBIDDEN' });
        await undisturbed(owner);
      },
    },
    {
      name: 'an ended session is nobody else’s either',
      ids: ['R-TICKET-8'],
      needs: ['users'],
      run: async ({ connect }) => {
        const owner = await connect();
        const { sessionId } = await begin(owner);
        await stop(owner, 0);
        const stranger = await connect({ user: `oOther-${newId()}` });
        const request = { sessionId, clientId: CLIENT_ID, resume: { haveIndex: -1 } };
        like('the refusal', await refused(stranger, 'start', request), { code: 'FORBIDDEN' });
        equal('results for the stranger', stranger.of('result'), []);
      },
    },
    {
      name: 'a JWT without a signature, or with another algorithm in its header, is refused',
      ids: ['R-TICKET-9'],
      needs: ['signing'],
      run: async (context) => {
        const { tickets } = context.server;
        for (const alg of ['none', 'HS512', 'RS256'])
          await refusedEverywhere(context, tickets.sign({ header: { alg } }), { code: 'TICKET_INVALID' });
        const unsigned = tickets.sign({ header: { alg: 'none' } }).replace(/[^.]*$/, '');
        await refusedEverywhere(context, unsigned, { code: 'TICKET_INVALID' });
      },
    },
    {
      name: 'a JWT for another audience, of another issuer, without a user or without an end is refused',
      ids: ['R-TICKET-9'],
      needs: ['signing'],
      run: async (context) => {
        const changes = [
          { aud: 'other' },
          { iss: 'other' },
          { sub: '' },
          { sub: undefined },
          { exp: undefined },
        ];
        for (const claims of changes)
          await refusedEverywhere(context, context.server.tickets.sign({ claims }), {
            code: 'TICKET_INVALID',
          });
      },
    },
    {
      name: 'a JWT that was signed with another key is refused',
      ids: ['R-TICKET-9'],
      needs: ['signing'],
      run: async (context) => {
        const secret = 'another-secret-that-is-long-enough-0123456789';
        await refusedEverywhere(context, context.server.tickets.sign({ secret }), { code: 'TICKET_INVALID' });
      },
    },
    {
      name: 'a ticket that expires meanwhile ends no session, and begins none any more',
      ids: ['R-TICKET-11'],
      needs: ['signing'],
      run: async ({ connect, server, user }) => {
        const nowS = Math.floor(Date.now() / 1000);
        // with the leeway of 60 seconds it holds for three seconds more
        const ticket = server.tickets.sign({ claims: { sub: user, iat: nowS - 660, exp: nowS - 57 } });
        const one = await connect({ ticket });
        await begin(one);
        await pause(5_000);
        one.audio(silence(100), { pos: 0 });
        like('the session', await stop(one, 1_600), { durationMs: 100 });
        const refusal = await refused(one, 'start', { sessionId: newId(), clientId: CLIENT_ID });
        like('the next start', refusal, { code: 'TICKET_EXPIRED', retriable: true });
        const token = server.tickets.sign({ claims: { sub: user } });
        like('with a new token', await begin(one, { token }), { state: 'live' });
      },
    },
    {
      name: 'the refusal of a ticket does not repeat it',
      ids: ['R-ERROR-5'],
      run: async ({ refusal }) => {
        const { data } = await refusal({ ticket: 'bad-ticket-content' });
        like('the refusal', data, {
          message: (m: unknown) => !String(m).includes('bad-ticket'),
          detail: absent,
        });
      },
    },
  ]),
  ...recommended<ServerCase>([
    {
      name: 'a ticket of a clock that differs by less than a minute is taken',
      ids: ['R-TICKET-10'],
      needs: ['signing'],
      run: async ({ connect, server }) => {
        const nowS = Math.floor(Date.now() / 1000);
        for (const shift of [-630, 30]) {
          const claims = { iat: nowS + shift, exp: nowS + shift + 600 };
          const one = await connect({ ticket: server.tickets.sign({ claims }) });
          like(`the answer (${shift} s)`, await begin(one), { state: 'live' });
          await granted(one, 'cancel');
        }
      },
    },
    {
      name: 'a connection without a ticket is closed after about ten seconds',
      ids: ['R-TICKET-12'],
      run: async ({ connect }) => {
        const one = await connect({ place: 'none' });
        const openedMs = performance.now();
        await one.closed(15_000);
        const ms = performance.now() - openedMs;
        that('the time until it is closed', ms > 5_000, `${ms} ms`, '5 … 15 s');
        like('what it is told', one.of('error')[0], { code: 'NOT_STARTED', message: text });
      },
    },
  ]),
];
