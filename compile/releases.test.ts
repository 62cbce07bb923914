import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type LocalService,
  startContainer,
  startLocalService,
  stopProcess,
} from '../container/testing/local-service.ts';
import { OLDEST_READER, SCHEMA_VERSION } from '../contract/records.ts';
import type { FakeSocketTask } from '../miniprogram/client/testing/fake-socket-task.ts';
import {
  appWith,
  bothFunctions,
  CONTAINERS,
  functionsOf,
  type Release,
  SCHEMA_VERSION_BEFORE,
  say,
  TEXTS,
} from './testing/kept-release.ts';

const WAIT = { timeout: 30_000, interval: 50 };
const RELEASES: Release[] = ['the release before', 'this one'];

let functionsDir: string;
beforeAll(async () => {
  functionsDir = await bothFunctions();
});
afterAll(() => rm(functionsDir, { recursive: true, force: true }));

/** Audio as ADPCM in what a phone has sent to a container. */
const encodedFrames = (tasks: readonly FakeSocketTask[], url = ''): number =>
  tasks
    .filter((task) => task.url.startsWith(url.replace('http', 'ws')))
    .flatMap(({ sent }) => sent)
    .filter((frame) => typeof frame === 'string' && /"audio",.*"adpcm"\]$/.test(frame)).length;

describe.each([
  ['the release before', 'the release before', 'this one'],
  ['the release before', 'this one', 'the release before'],
  ['this one', 'the release before', 'this one'],
  ['this one', 'this one', 'the release before'],
] as [Release, Release, Release][])(
  'a phone with %s, a container of %s that is replaced by %s',
  (phone, first, second) => {
    let service: LocalService;
    let next: Awaited<ReturnType<typeof startContainer>>;
    const log: string[] = [];
    const env = { DRAIN_MS: '500' };
    beforeAll(async () => {
      service = await startLocalService(env, { functionsDir }, CONTAINERS[first]);
      const more = { ...service.gateway.containerEnv(), ASR_ENDPOINT: service.asr.url.replace('http', 'ws') };
      next = await startContainer({ ...more, ...env }, log, [], CONTAINERS[second]);
    });
    afterAll(async () => {
      if (next) await stopProcess(next.container);
      await service?.stop();
    });

    it('goes on through a lost connection and the replacement, and nothing is lost or doubled', async () => {
      let address = service.url;
      const { session, fake, finals } = await appWith(phone, 'oTester', () => address);
      await session.start({ engine: '16k_zh' });
      fake.alive()[0]?.cut();
      say(session, 0);
      await vi.waitFor(() => expect(finals()).toEqual([TEXTS[0]]), WAIT);
      address = next.url;
      const stopped = stopProcess(service.container);
      say(session, 1);
      const answer = await session.stop();
      expect(await stopped).toBe(0);
      expect(finals()).toEqual(TEXTS);
      expect(answer).toMatchObject({ id: session.status.sessionId, sentences: TEXTS.length });
      const [record, ...others] = service.gateway.dump('voice_sessions');
      expect(others).toEqual([]);
      expect(record).toMatchObject({ state: 'completed', losses: [] });
      // one of the two owners was of this release
      expect(record).toMatchObject({ schemaVersion: SCHEMA_VERSION, oldestReader: OLDEST_READER });
      expect(fake.hookCount()).toBe(0);
      // what was said while it was disconnected is sent as ADPCM, to a container that takes it
      const urls = { [first]: service.url, [second]: next.url };
      expect(encodedFrames(fake.tasks, urls['the release before'])).toBe(0);
      expect(encodedFrames(fake.tasks, urls['this one']) > 0).toBe(phone === 'this one');
    });

    it.each(RELEASES)('the functions of %s read what both have written', async (release) => {
      const { history, totals } = functionsOf(release, service.gateway, 'oTester');
      const { items } = await history({ action: 'list' });
      expect(items).toMatchObject([{ state: 'completed', sentenceCount: TEXTS.length, losses: [] }]);
      const { sessionId } = items[0];
      const { sentences } = await history({ action: 'get', sessionId });
      expect(sentences.map(({ text }: { text: string }) => text)).toEqual(TEXTS);
      const { content } = await history({ action: 'export', sessionId, format: 'txt' });
      for (const text of TEXTS) expect(content).toContain(text);
      expect((await history({ action: 'search', query: TEXTS[1]?.slice(0, 4) })).items).toHaveLength(1);
      expect(await totals()).toMatchObject({ sessions: 1, completed: 1, interrupted: 0, sentences: 2 });
    });

    it('cancel leaves no record', async () => {
      const { session } = await appWith(phone, 'oOther', () => next.url);
      await session.start({ engine: '16k_zh' });
      say(session, 0);
      await session.cancel();
      const records = service.gateway.dump('voice_sessions').filter(({ _openid }) => _openid === 'oOther');
      expect(records.filter(({ state }) => state !== 'cancelled')).toEqual([]);
    });
  },
);

it('what is written now can be read by the release before: it runs beside this one while it is replaced', () => {
  expect(OLDEST_READER).toBeLessThanOrEqual(SCHEMA_VERSION_BEFORE);
  expect(SCHEMA_VERSION).toBeGreaterThanOrEqual(SCHEMA_VERSION_BEFORE);
});
