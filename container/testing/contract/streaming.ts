import { describe, expect, it } from 'vitest';
import { SESSIONS } from '../../../contract/records.ts';
import { silence } from '../audio.ts';
import type { AudioForm } from '../clients/talk.ts';
import { startContainer, stopProcess } from '../local-service.ts';
import { startTcpRelay } from '../tcp-relay.ts';
import { uniqueId } from '../voice-client.ts';
import { COFFEE, type ContractContext } from './context.ts';

/** A recording becomes its text, over whatever happens to the connection. */
export function streamingCases({ talk, suite, somebody }: ContractContext): void {
  const recordOf = (sessionId: string) =>
    suite.service.gateway.dump(SESSIONS).find(({ _id }) => _id === sessionId);

  describe('a recording', () => {
    it.each<AudioForm>(['positioned', 'binary', 'base64', 'positioned base64', 'adpcm', 'adpcm base64'])(
      'becomes its text (%s frames)',
      async (form) => {
        const one = await talk();
        const { sessionId, nextPos, limits, encodings } = await one.start({ encodings: ['adpcm'] });
        expect(encodings).toEqual(['adpcm']);
        expect(nextPos).toBe(0);
        expect(limits.maxFrameBytes).toBe(64_000);
        expect(await one.said('ready')).toMatchObject({ sessionId, nextPos: 0 });
        one.send(COFFEE, form);
        const stop = await one.stop(/positioned|adpcm/.test(form) ? COFFEE.endPos : undefined);
        expect(stop).toMatchObject({ id: sessionId, sentences: 1, durationMs: expect.any(Number) });
        expect(await one.said('completed')).toMatchObject({ ...stop, sessionId, state: 'completed' });
        expect(one.text).toBe(COFFEE.text);
        const results = one.of('result');
        expect(results.at(-1)).toMatchObject({
          sessionId,
          index: 0,
          final: true,
          startMs: expect.any(Number),
        });
        expect(results.some(({ final }) => final === false)).toBe(true);
        expect(one.of('error')).toEqual([]);
        expect(await one.stop()).toEqual(stop);
      },
    );

    it('is accounted for while it goes on: what was received, what may be forgotten', async () => {
      const one = await talk();
      const { sessionId } = await one.start();
      one.send(COFFEE);
      // four seconds of silence behind the sentence: it is final, stored, and the silence is settled but for a margin
      for (let at = 0; at < 8; at++) one.connection.audio(silence(500), COFFEE.endPos + at * 8_000);
      const spoken = await one.said('result', ({ final }) => final === true);
      const settled = await one.said(
        'progress',
        ({ committedPos }) => Number(committedPos) * 1000 >= Number(spoken.endMs) * 16_000,
      );
      expect(settled).toMatchObject({ sessionId, nextPos: COFFEE.endPos + 64_000, settledIndex: 0 });
      const positions = one.of('progress').map(({ committedPos }) => Number(committedPos));
      expect(positions).toEqual(positions.toSorted((a, b) => a - b));
      await one.ask('cancel');
    });
  });

  describe('a client that loses its connection', () => {
    it('goes on where the service says, and nothing is lost or heard twice', async ({ onTestFinished }) => {
      const relay = await startTcpRelay(suite.service.url);
      onTestFinished(relay.close);
      const openid = somebody();
      const sessionId = uniqueId();
      const first = await talk({ openid, url: relay.url });
      await first.start({ sessionId });
      first.send(COFFEE, 'positioned', 0, 19_200);
      await first.said('progress', ({ nextPos }) => Number(nextPos) > 0);
      relay.cut();
      await first.connection.closed;
      const second = await talk({ openid });
      const answer = await second.start({ sessionId, resume: { haveIndex: -1, takeOver: false } });
      expect(answer).toMatchObject({ sessionId, state: 'live', nextPos: 19_200 });
      second.send(COFFEE, 'positioned', answer.nextPos);
      await second.stop(COFFEE.endPos);
      expect(second.text).toBe(COFFEE.text);
      expect(recordOf(sessionId)).toMatchObject({ state: 'completed', losses: [] });
    });

    it.each<[first: AudioForm, then: AudioForm]>([
      ['positioned', 'adpcm'],
      ['adpcm', 'positioned'],
    ])('may go on in another encoding (%s, then %s), and send what overlaps', async (form, then) => {
      const openid = somebody();
      const sessionId = uniqueId();
      const first = await talk({ openid });
      await first.start({ sessionId });
      first.send(COFFEE, form, 0, 19_200);
      await first.said('progress', ({ nextPos }) => Number(nextPos) === 19_200);
      first.connection.close();
      await first.connection.closed;
      const second = await talk({ openid });
      await second.start({ sessionId, resume: { haveIndex: -1, takeOver: false } });
      second.send(COFFEE, then, 12_345);
      await second.stop(COFFEE.endPos);
      expect(second.text).toBe(COFFEE.text);
      expect(second.of('error')).toEqual([]);
      expect(recordOf(sessionId)).toMatchObject({ state: 'completed', losses: [], samples: COFFEE.endPos });
    });

    it('finds its session ended, and what was said is told again', async () => {
      const openid = somebody();
      const first = await talk({ openid });
      const { sessionId } = await first.start();
      first.send(COFFEE);
      const stop = await first.stop(COFFEE.endPos);
      first.connection.close();
      const second = await talk({ openid });
      const again = await second.start({ sessionId, resume: { haveIndex: -1 } });
      expect(again).toMatchObject({ state: 'completed', settledIndex: 0 });
      expect(await second.said('completed')).toMatchObject(stop);
      expect(second.text).toBe(COFFEE.text);
      expect(await second.stop()).toEqual(stop);
    });
  });

  describe('when an instance is replaced', () => {
    it('clients are told, disconnected and refused, and another instance goes on with the session', async ({
      onTestFinished,
    }) => {
      const { service } = suite;
      const env = {
        ...service.gateway.containerEnv(),
        ASR_ENDPOINT: service.asr.url.replace('http', 'ws'),
        DRAIN_MS: '3000',
      };
      const leaving = await startContainer(env, []);
      onTestFinished(async () => void (await stopProcess(leaving.container)));
      const openid = somebody();
      const first = await talk({ openid, url: leaving.url });
      const late = await talk({ url: leaving.url });
      const { sessionId } = await first.start();
      // into the sentence, so that the instance waits for its end until the deadline
      first.send(COFFEE, 'positioned', 0, 19_200);
      await first.said('progress', ({ nextPos }) => Number(nextPos) > 0);
      const lateStart = new Promise((resolve) => {
        const request = { sessionId: uniqueId(), clientId: 'client-0001' };
        first.connection.on('draining', () => resolve(late.connection.ask('start', request)));
      });
      const ended = stopProcess(leaving.container);
      expect(await first.said('draining')).toEqual({ deadlineMs: 3_000 });
      const refused = { code: 'DRAINING', retriable: true, retryAfterMs: expect.any(Number) };
      expect(await lateStart).toMatchObject({ error: refused });
      await first.connection.closed;
      expect(await ended).toBe(0);
      const second = await talk({ openid });
      const { nextPos, state } = await second.start({ sessionId, resume: { haveIndex: -1 } });
      expect(state).toBe('live');
      second.send(COFFEE, 'positioned', nextPos);
      await second.stop(COFFEE.endPos);
      expect(second.text).toBe(COFFEE.text);
    });
  });
}
