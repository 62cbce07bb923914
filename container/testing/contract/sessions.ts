import { describe, expect, it } from 'vitest';
import { SESSIONS } from '../../../contract/records.ts';
import { parseTicketKeys, signTicket } from '../../../contract/ticket.ts';
import { SECRET } from '../local-service.ts';
import { COFFEE, type ContractContext } from './context.ts';

const OTHER_SECRET = 'another-secret-that-is-long-enough-0123456789';

/** Who is calling, and whose a session is. */
export function sessionCases({ client, talk, suite, somebody }: ContractContext): void {
  const recordOf = (sessionId: string) =>
    suite.service.gateway.dump(SESSIONS).find(({ _id }) => _id === sessionId);

  describe('a ticket', () => {
    it.each([...client.places])('is taken from %s', async (place) => {
      const openid = somebody();
      const one = await talk({ openid, place });
      const { sessionId } = await one.start();
      expect(recordOf(sessionId)).toMatchObject({ _openid: openid });
      await one.ask('cancel');
    });

    it('may come with start; without any, start is refused, whoever the client says to be', async () => {
      const openid = somebody();
      const one = await talk({ place: 'none' });
      expect(await one.refusal('start', { userId: 'oVictim', clientId: 'client-0001' })).toBe(
        'UNAUTHENTICATED',
      );
      const token = await suite.service.ticket(openid);
      const { sessionId } = await one.start({ token, userId: 'oVictim' });
      expect(recordOf(sessionId)).toMatchObject({ _openid: openid });
      await one.ask('cancel');
    });

    it.each([
      ['of another key', OTHER_SECRET, 0, 'TICKET_INVALID'],
      ['that has expired', SECRET, -3_600_000, 'TICKET_EXPIRED'],
    ])('%s is refused in every place', async (_name, secret, shiftMs, code) => {
      const { ticket } = await signTicket('oTester', parseTicketKeys(secret), {
        nowMs: Date.now() + shiftMs,
      });
      for (const place of client.places)
        await expect(client.connect(suite.service.url, { ticket, place })).rejects.toMatchObject({ code });
      const one = await talk({ place: 'none' });
      expect(await one.refusal('start', { token: ticket })).toBe(code);
    });
  });

  describe('a session', () => {
    it('is nobody else’s', async () => {
      const { sessionId } = await (await talk()).start();
      const stranger = await talk();
      expect(await stranger.refusal('start', { sessionId, clientId: 'client-0001' })).toBe('FORBIDDEN');
    });

    it('goes to the same client’s new connection without a word', async () => {
      const openid = somebody();
      const old = await talk({ openid });
      const { sessionId } = await old.start();
      const fresh = await talk({ openid });
      expect(await fresh.start({ sessionId, resume: { haveIndex: -1 } })).toMatchObject({ state: 'live' });
      await old.connection.closed;
      expect(old.of('error')).toEqual([]);
    });

    it('goes to another client where a person asked for it, and the first is told', async () => {
      const openid = somebody();
      const phone = await talk({ openid });
      const { sessionId } = await phone.start();
      const tablet = await talk({ openid });
      const resume = { haveIndex: -1 };
      const request = { sessionId, clientId: 'client-0002', resume };
      expect(await tablet.start(request)).toMatchObject({ state: 'live' });
      expect(await phone.said('error')).toMatchObject({ code: 'TAKEN_OVER', retriable: false });
      const back = { sessionId, clientId: 'client-0001', resume: { ...resume, takeOver: false } };
      expect(await (await talk({ openid })).refusal('start', back)).toBe('TAKEN_OVER');
    });

    it('that is cancelled keeps nothing, and the connection can go on to another', async () => {
      const one = await talk();
      const { sessionId } = await one.start();
      one.send(COFFEE, 'positioned', 0, 9_600);
      await one.said('progress');
      expect(await one.ask('cancel')).toEqual({ ok: true });
      expect(recordOf(sessionId)?.state).toBe('cancelled');
      const next = await one.start();
      expect(await one.stop(0)).toEqual({ id: next.sessionId, sentences: 0, durationMs: 0 });
    });

    it('continues after audio that the client lost and can never send', async () => {
      const one = await talk();
      const { sessionId } = await one.start();
      one.send(COFFEE, 'positioned', 0, 3_200);
      expect(await one.ask('skip', { fromPos: 3_200, toPos: 16_000 })).toEqual({ nextPos: 16_000 });
      expect(await one.stop(16_000)).toMatchObject({ durationMs: 1_000 });
      expect(recordOf(sessionId)?.losses).toMatchObject([{ startMs: 200, endMs: 1_000 }]);
    });
  });
}
