import { describe, expect, it } from 'vitest';
import { silence } from '../audio.ts';
import type { Talk } from '../clients/talk.ts';
import { uniqueId } from '../voice-client.ts';
import { COFFEE, type ContractContext } from './context.ts';

/** Requests that are refused, with their payloads and codes. */
const REQUESTS: [name: string, event: string, payload: object | undefined, code: string][] = [
  ['an unknown engine', 'start', { engine: '__proto__' }, 'UNKNOWN_ENGINE'],
  ['a session id that is an operator', 'start', { sessionId: { $gt: '' } }, 'BAD_REQUEST'],
  ['a short client id', 'start', { clientId: 'x' }, 'BAD_REQUEST'],
  ['a title that is no text', 'start', { title: ['a'] }, 'BAD_REQUEST'],
  ['a hot word that would break the address', 'start', { hotwords: [{ word: 'a|b,c' }] }, 'BAD_HOTWORDS'],
  ['too many hot words', 'start', { hotwords: Array(129).fill({ word: 'a' }) }, 'BAD_HOTWORDS'],
  ['another engine’s rate', 'start', { engine: '16k_zh', sampleRate: 8_000 }, 'BAD_SAMPLE_RATE'],
  ['a resume without an index', 'start', { resume: {} }, 'BAD_REQUEST'],
  ['encodings that are no list', 'start', { encodings: 'adpcm' }, 'BAD_REQUEST'],
  ['a token that is none', 'start', { token: 7 }, 'BAD_REQUEST'],
  ['stop before start', 'stop', {}, 'NOT_STARTED'],
  ['stop at no position', 'stop', { endPos: -1 }, 'BAD_REQUEST'],
  ['cancel before start', 'cancel', undefined, 'NOT_STARTED'],
  ['skip before start', 'skip', { fromPos: 0, toPos: 1 }, 'NOT_STARTED'],
  ['an unknown event', 'dance', {}, 'UNKNOWN_EVENT'],
  ['an event of every object', 'toString', {}, 'UNKNOWN_EVENT'],
];

/** Frames that are refused with an event, before a session and within one. */
const FRAMES: [name: string, started: boolean, send: (talk: Talk) => void, error: object][] = [
  [
    'audio before start',
    false,
    ({ connection }) => connection.audio(silence(20), 0),
    { code: 'NOT_STARTED' },
  ],
  [
    'half a sample',
    true,
    ({ connection }) => connection.audio(new Uint8Array(321), 0),
    { code: 'BAD_AUDIO' },
  ],
  [
    'no audio at all',
    true,
    ({ connection }) => connection.audio(new Uint8Array(0), 0),
    { code: 'BAD_AUDIO' },
  ],
  [
    'a negative position',
    true,
    ({ connection }) => connection.audio(silence(20), -1),
    { code: 'BAD_REQUEST' },
  ],
  ['half a position', true, ({ connection }) => connection.audio(silence(20), 0.5), { code: 'BAD_REQUEST' }],
  ['1 MB', true, ({ connection }) => connection.audio(new Uint8Array(1_000_000), 0), { code: 'TOO_LARGE' }],
  [
    'a block of ADPCM that is none',
    true,
    ({ connection }) => connection.audio(Uint8Array.of(0, 0, 200, 0, 1), 0, 'adpcm'),
    { code: 'BAD_AUDIO', nextPos: 0 },
  ],
  [
    'ADPCM without a position',
    true,
    ({ connection }) => connection.say('audio', { audio: 'AAAA', encoding: 'adpcm' }),
    { code: 'BAD_AUDIO' },
  ],
  [
    'a gap',
    true,
    ({ connection }) => connection.audio(silence(20), 16_000),
    { code: 'AUDIO_GAP', nextPos: 0, retriable: true },
  ],
  [
    'both kinds of frames',
    true,
    ({ connection }) => {
      connection.audio(silence(20), 0);
      connection.audio(silence(20));
    },
    { code: 'MIXED_FRAMES' },
  ],
];

/** What is refused is refused with the same code over every transport, and disturbs nobody. */
export function refusalCases({ talk, somebody }: ContractContext): void {
  describe('is refused', () => {
    it('with its code, as an acknowledgement where one was asked for and else as an event', async () => {
      const one = await talk();
      const refused: [string, string][] = [];
      for (const [name, event, payload] of REQUESTS) refused.push([name, await one.refusal(event, payload)]);
      expect(refused).toEqual(REQUESTS.map(([name, , , code]) => [name, code]));
      for (const [, event, payload] of REQUESTS) one.connection.say(event, payload);
      await one.said('error', () => one.of('error').length === REQUESTS.length);
      const codes = one.of('error').map(({ code }) => code);
      expect(codes.toSorted()).toEqual(REQUESTS.map(([, , , code]) => code).toSorted());
      for (const { message, requestId } of one.of('error'))
        expect([message, requestId]).toEqual([expect.any(String), expect.any(String)]);
      expect(one.isClosed).toBe(false);
    });

    it.each(FRAMES)('%s', async (_name, started, send, error) => {
      const one = await talk();
      if (started) await one.start();
      send(one);
      expect(await one.said('error')).toMatchObject(error);
      expect(one.isClosed).toBe(false);
      if (started) expect(await one.ask('cancel')).toEqual({ ok: true });
    });

    it('audio that is no Base64', async () => {
      const one = await talk();
      await one.start();
      one.connection.say('audio', { audio: 'not base64!' });
      expect(await one.said('error')).toMatchObject({ code: 'BAD_AUDIO' });
    });

    it('a second start on the same connection, and whatever comes after the end', async () => {
      const one = await talk();
      await one.start();
      expect(await one.refusal('start', { clientId: 'client-0001' })).toBe('ALREADY_STARTED');
      await one.stop(0);
      expect(await one.refusal('cancel')).toBe('SESSION_ENDED');
      expect(await one.refusal('skip', { fromPos: 0, toPos: 1 })).toBe('SESSION_ENDED');
    });
  });

  describe('is limited', () => {
    it('how far audio may be ahead: TOO_FAST says where to go on', async () => {
      const one = await talk();
      const { limitPos } = await one.start();
      for (let at = 0; at < 34; at++) one.connection.audio(silence(1_000), at * 16_000);
      expect(await one.said('error')).toMatchObject({ code: 'TOO_FAST', nextPos: limitPos, retriable: true });
      expect(await one.ask('cancel')).toEqual({ ok: true });
    });

    it('how often a user may start', async () => {
      const openid = somebody();
      const one = await talk({ openid });
      const { sessionId } = await one.start();
      await one.stop(0);
      const codes = new Set<string>();
      for (let i = 0; i < 40; i++)
        codes.add(await one.refusal('start', { sessionId, clientId: 'client-0001' }));
      expect([...codes]).toEqual(['not refused', 'RATE_LIMITED']);
      const answer = await one.connection.ask('start', { sessionId, clientId: 'client-0001' });
      expect(answer).toMatchObject({ error: { retriable: true, retryAfterMs: expect.any(Number) } });
      expect(await (await talk()).start({ sessionId: uniqueId() })).toMatchObject({ state: 'live' });
    });

    it('how long a connection may go without a ticket', async () => {
      const one = await talk({ place: 'none' });
      expect(await one.said('error')).toMatchObject({ code: 'NOT_STARTED' });
      await one.connection.closed;
    });

    it('how much may be said before start', async () => {
      const one = await talk();
      one.connection.say('dance', { text: 'x'.repeat(20_000) });
      await one.connection.closed;
    });

    it('how often a connection may be refused: then it is closed, and nobody else’s is', async () => {
      const honest = await talk();
      await honest.start();
      const one = await talk();
      for (let i = 0; i < 300; i++) one.connection.say('dance');
      await one.connection.closed;
      expect(one.of('error').length).toBeLessThan(150);
      honest.send(COFFEE);
      await honest.stop(COFFEE.endPos);
      expect(honest.text).toBe(COFFEE.text);
    });
  });
}
