import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { TICKET_LEEWAY_MS, TICKET_TTL_MS } from '../../../contract/limits.ts';
import { parseTicketKeys, signTicket } from '../../../contract/ticket.ts';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { authenticator, identityOf, userHasher } from './auth.ts';

const keys = parseTicketKeys('a-secret-that-is-long-enough-0123456789');
const clock = new FakeClock();
const ticketOf = async (openid: string) => (await signTicket(openid, keys, { nowMs: clock.now() })).ticket;
const requestWith = (url: string, headers = {}) => ({ url, headers }) as IncomingMessage;

it('lets no connection outlive its ticket: a new one has to come with start', async () => {
  const identity = identityOf(requestWith('/'), await ticketOf('oUser'), false);
  const authenticate = authenticator(identity, keys, clock);
  expect(await authenticate(undefined)).toBe('oUser');
  await clock.advance(TICKET_TTL_MS + TICKET_LEEWAY_MS + 1_000);
  await expect(authenticate(undefined)).rejects.toMatchObject({ code: 'TICKET_EXPIRED', retriable: true });
  expect(await authenticate(await ticketOf('oUser'))).toBe('oUser');
});

it('takes the handshake’s ticket before what start carries, and a userId never', async () => {
  const handshake = identityOf(
    requestWith(`/?ticket=${await ticketOf('oQuery')}&userId=oOther`),
    undefined,
    false,
  );
  expect(await authenticator(handshake, keys, clock)(await ticketOf('oToken'))).toBe('oQuery');
  const none = identityOf(requestWith('/?userId=oOther'), undefined, false);
  await expect(authenticator(none, keys, clock)(undefined)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  });
});

it('takes the ticket from auth before the query, and the query before Authorization: Bearer', () => {
  const request = (url: string) => requestWith(url, { authorization: 'bearer  from-header ' });
  expect(identityOf(request('/?ticket=from-query'), 'from-auth', false).ticket).toBe('from-auth');
  expect(identityOf(request('/?ticket=from-query'), undefined, false).ticket).toBe('from-query');
  expect(identityOf(request('/'), undefined, false).ticket).toBe('from-header');
});

it.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer ', 'Bearer a b', 'xBearer a', ''])(
  'takes "%s" for no ticket, so that start may bring one',
  (authorization) => {
    expect(identityOf(requestWith('/', { authorization }), undefined, false).ticket).toBeUndefined();
  },
);

it('trusts WeChat’s headers only where the deployment says so, and only both together', async () => {
  const headers = { 'x-wx-openid': 'oHeader', 'x-wx-source': 'wx_client' };
  const openidOf = (given: object, trusted: boolean) =>
    identityOf(requestWith('/', given), undefined, trusted).trustedOpenid;
  expect(openidOf(headers, true)).toBe('oHeader');
  expect(openidOf(headers, false)).toBeUndefined();
  expect(openidOf({ 'x-wx-openid': 'oHeader' }, true)).toBeUndefined();
});

it('names a person in the log by a hash that is the same each time and depends on the key', () => {
  const other = userHasher(parseTicketKeys('another-secret-that-is-long-0123456789'));
  const hash = userHasher(keys);
  expect(hash('oUser')).toBe(hash('oUser'));
  expect(hash('oUser')).toMatch(/^[0-9a-f]{12}$/);
  expect(hash('oUser')).not.toBe(hash('oUsed'));
  expect(hash('oUser')).not.toBe(other('oUser'));
});
