import { expect, test } from 'vitest';
import { TICKET_TTL_MS } from '../../contract/limits.ts';
import { parseTicketKeys, signTicket, verifyTicket } from '../../contract/ticket.ts';
import { functionsForTests, TICKET_SECRET } from '../shared/testing/functions-gateway.ts';
import { A, B } from '../shared/testing/records.ts';

const KEYS = parseTicketKeys(TICKET_SECRET);
const gateway = await functionsForTests(['ticket', 'stats']);

const overHttp = (name: string, headers: Record<string, string>, body: unknown = {}) =>
  gateway.callFunction(name, {
    path: '/',
    httpMethod: 'POST',
    headers,
    body: JSON.stringify(body),
  }) as Promise<{
    statusCode: number;
    body: string;
  }>;

test('a ticket names the caller and nobody else, and ends when it says', async () => {
  for (const openid of [A, B]) {
    const { ticket, expiresAt, now } = await gateway.as(openid)('ticket', { openid: undefined });
    expect(await verifyTicket(ticket, KEYS)).toBe(openid);
    expect(Math.abs(now - Date.now())).toBeLessThan(60_000);
    expect(expiresAt - now).toBeGreaterThan(TICKET_TTL_MS - 2_000);
  }
});

test('nobody without an identity gets a ticket, and no request can name one', async () => {
  expect(await gateway.callFunction('ticket', {})).toMatchObject({ code: 'UNAUTHENTICATED' });
  const userInfo = { openId: A, appId: 'wx' };
  expect(await gateway.callFunction('ticket', { userInfo })).toMatchObject({ code: 'UNAUTHENTICATED' });
  const { ticket } = (await gateway.as(A)('ticket', { action: 'issue', openid: B })) as { ticket: string };
  expect(await verifyTicket(ticket, KEYS)).toBe(A);
  expect(await gateway.as(A)('ticket', { action: 'renew' })).toMatchObject({ code: 'UNKNOWN_ACTION' });
});

test('over HTTP no ticket is issued, not even against a good one', async () => {
  const { ticket } = await signTicket(A, KEYS);
  const answer = await overHttp('ticket', { authorization: `Bearer ${ticket}` });
  expect(answer.statusCode).toBe(403);
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'FORBIDDEN' });
});

test('over HTTP a good ticket opens the other functions, and only that', async () => {
  const { ticket } = await signTicket(A, KEYS);
  const expired = await signTicket(A, KEYS, { nowMs: Date.now() - 3_600_000 });
  const foreign = await signTicket(A, parseTicketKeys('another-secret-of-at-least-32-bytes!'));
  const asked = { action: 'totals' };
  expect((await overHttp('stats', { Authorization: `bearer ${ticket}` }, asked)).statusCode).toBe(200);
  const refusals = [
    [{}, 'UNAUTHENTICATED'],
    [{ authorization: ticket }, 'UNAUTHENTICATED'],
    [{ 'x-wx-openid': A }, 'UNAUTHENTICATED'],
    [{ authorization: `Bearer ${expired.ticket}` }, 'TICKET_EXPIRED'],
    [{ authorization: `Bearer ${foreign.ticket}` }, 'TICKET_INVALID'],
    [{ authorization: 'Bearer x.y.z' }, 'TICKET_INVALID'],
  ] as const;
  for (const [headers, code] of refusals) {
    const answer = await overHttp('stats', headers, asked);
    expect([answer.statusCode, JSON.parse(answer.body).code]).toEqual([401, code]);
  }
});

test('a mini-program cannot pass as an HTTP caller to become another', async () => {
  const answer = await gateway.as(B)('stats', {
    httpMethod: 'POST',
    headers: { authorization: 'Bearer forged' },
    body: '{"action":"totals"}',
  });
  expect(answer).toMatchObject({ statusCode: 401 });
});
