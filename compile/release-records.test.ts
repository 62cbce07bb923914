import { rm } from 'node:fs/promises';
import cloudbase from '@cloudbase/node-sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type LocalService,
  startContainer,
  startLocalService,
  stopProcess,
} from '../container/testing/local-service.ts';
import { SESSIONS, type SessionRecord } from '../contract/records.ts';
import {
  appWith,
  bothFunctions,
  CONTAINERS,
  functionsOf,
  type Release,
  say,
  TEXTS,
} from './testing/kept-release.ts';

// what was heard is recognised again, at the pace of speech
vi.setConfig({ testTimeout: 90_000 });

const WAIT = { timeout: 30_000, interval: 50 };
const OPENID = 'oTester';
const DAY_MS = 24 * 60 * 60_000;
/** Too short for a pause to come: the session is left in the middle of its sentence, which is written as it is by then. */
const DRAIN = { DRAIN_MS: '200' };

let functionsDir: string;
beforeAll(async () => {
  functionsDir = await bothFunctions();
});
afterAll(() => rm(functionsDir, { recursive: true, force: true }));

describe.each([
  ['the release before', 'this one'],
  ['this one', 'the release before'],
] as [Release, Release][])(
  'a container of %s that ends in mid-sentence, and functions and a container of %s',
  (first, second) => {
    let service: LocalService;
    let next: Awaited<ReturnType<typeof startContainer>>;
    let change: (fields: object) => Promise<unknown>;
    beforeAll(async () => {
      service = await startLocalService(DRAIN, { functionsDir }, CONTAINERS[first]);
      const { gateway, asr } = service;
      const env = { ...gateway.containerEnv(), ASR_ENDPOINT: asr.url.replace('http', 'ws') };
      next = await startContainer(env, [], [], CONTAINERS[second]);
      const app = cloudbase.init({
        env: 'local-env',
        secretId: 'AKIDlocal',
        secretKey: 'local',
        serviceUrl: gateway.adminUrl,
      });
      change = (fields) => app.database().collection(SESSIONS).where({ _openid: OPENID }).update(fields);
    });
    afterAll(async () => {
      if (next) await stopProcess(next.container);
      await service?.stop();
    });

    const record = (): SessionRecord => service.gateway.dump(SESSIONS)[0] as unknown as SessionRecord;
    const read = async (release: Release) => {
      const { history, totals } = functionsOf(release, service.gateway, OPENID);
      const { items } = await history({ action: 'list' });
      const { sessionId } = items[0];
      const { sentences } = await history({ action: 'get', sessionId });
      const texts: string[] = sentences.map(({ text }: { text: string }) => text);
      return { state: items[0].state, texts, totals: await totals(), sessionId };
    };

    it('the session is ended with what was heard, and counted; resumed, it is whole, and counted once', async () => {
      let address = service.url;
      const { session, finals } = await appWith('this one', OPENID, () => address);
      await session.start({ engine: '16k_zh' });
      say(session, 0);
      await vi.waitFor(() => expect(finals()).toEqual([TEXTS[0]]), WAIT);
      const rest = say(session, 1, 0.8);
      await vi.waitFor(() => expect(session.lines.length).toBe(2), WAIT);
      address = 'http://127.0.0.1:1';
      await stopProcess(service.container);
      const { pending } = record();
      expect(record()).toMatchObject({
        state: 'live',
        nextIndex: 1,
        pending: { text: expect.stringMatching(/./) },
      });
      await change({ updatedAt: new Date(Date.now() - DAY_MS) });

      await functionsOf(second, service.gateway, OPENID).cleanUp();
      for (const release of [first, second]) {
        const seen = await read(release);
        expect(seen).toMatchObject({ state: 'interrupted', texts: [TEXTS[0], pending?.text] });
        expect(seen.totals).toMatchObject({ sessions: 1, interrupted: 1, completed: 0, sentences: 2 });
      }

      address = next.url;
      rest();
      const answer = await session.stop();
      expect(answer).toMatchObject({ sentences: 2 });
      expect(finals()).toEqual(TEXTS);
      expect(record()).toMatchObject({ state: 'completed', losses: [] });
      for (const release of [first, second]) {
        const seen = await read(release);
        expect(seen).toMatchObject({ state: 'completed', texts: TEXTS });
        expect(seen.totals).toMatchObject({ sessions: 1, interrupted: 0, completed: 1, sentences: 2 });
      }
    });

    it('what is deleted by one is restored by the other, and removed for good when its time is over', async () => {
      const ours = functionsOf(second, service.gateway, OPENID);
      const theirs = functionsOf(first, service.gateway, OPENID);
      const { _id: sessionId } = record();
      await theirs.history({ action: 'delete', sessionId });
      expect((await ours.history({ action: 'list' })).items).toEqual([]);
      await ours.history({ action: 'restore', sessionId });
      expect((await read(first)).texts).toEqual(TEXTS);
      await ours.history({ action: 'delete', sessionId });
      await change({ deletedAt: new Date(Date.now() - 2 * DAY_MS) });
      await theirs.cleanUp();
      expect(service.gateway.dump(SESSIONS)).toEqual([]);
    });
  },
);
