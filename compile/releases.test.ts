import { readdirSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { joined, silence } from '../container/testing/audio.ts';
import {
  type LocalService,
  startContainer,
  startLocalService,
  stopProcess,
  ticketFor,
} from '../container/testing/local-service.ts';
import { readMonoWav } from '../local/asr/mono-wav.ts';
import { createFakeWx } from '../miniprogram/client/testing/fake-wx.ts';
import type { VoiceSession } from '../miniprogram/services/voice-session.types.ts';
import { bundleForMiniprogram } from './client.ts';

/** Made by `npm run keep-release`; one folder, the release before. */
const RELEASES = new URL('../miniprogram/client/testing/releases/', import.meta.url);
const [BEFORE = ''] = readdirSync(RELEASES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const CONTAINERS = {
  'the release before': new URL(`${BEFORE}/container.mjs`, RELEASES).pathname,
  'this one': 'container/src/main.ts',
};
type Release = keyof typeof CONTAINERS;

const SENTENCES = ['coffee', 'deadline'].map((name) => ({
  pcm: readMonoWav(readFileSync(`samples/phrases/${name}.wav`)).samples,
  text: readFileSync(`samples/phrases/${name}.txt`, 'utf8').trim(),
}));
/** A pause that ends a sentence, ms. */
const PAUSE_MS = 1500;
const WAIT = { timeout: 30_000, interval: 50 };

const codeOf = (release: Release): Promise<string> =>
  release === 'this one'
    ? bundleForMiniprogram(
        "import { createVoiceSession } from './voice-session.ts';\nmodule.exports = { createVoiceSession };",
        new URL('../miniprogram/services', import.meta.url).pathname,
        {},
        'now',
      )
    : Promise.resolve(readFileSync(new URL(`${BEFORE}/voice-session.js`, RELEASES), 'utf8'));

/** A phone with the app of a release; `addressOf` says where the container is at each dial. */
async function appWith(release: Release, openid: string, addressOf: () => string) {
  const fake = createFakeWx({ services: () => addressOf().replace('http', 'ws') });
  const done = ({ success }: { success: (result: object) => void }) => success({ files: [] });
  const wx = {
    ...fake.wx,
    cloud: {
      ...fake.wx.cloud,
      init: () => {},
      callFunction: async () => {
        const now = Date.now();
        return { result: { ticket: await ticketFor(openid), expiresAt: now + 600_000, now } };
      },
    },
    getStorageSync: () => '',
    setStorageSync: () => {},
    env: { USER_DATA_PATH: 'wxfile://usr' },
    getFileSystemManager: () => ({
      access: done,
      mkdir: done,
      writeFile: done,
      unlink: done,
      readdir: done,
    }),
  };
  const module = { exports: {} as { createVoiceSession: () => VoiceSession } };
  runInNewContext(await codeOf(release), { module, wx, setTimeout, clearTimeout, console });
  return { session: module.exports.createVoiceSession(), fake };
}

const pushAll = (session: VoiceSession, at: number): void => {
  const pcm = SENTENCES[at]?.pcm ?? new Int16Array();
  const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  session.push(Uint8Array.from(joined(silence(500), bytes, silence(PAUSE_MS))).buffer);
};

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
      service = await startLocalService(env, {}, CONTAINERS[first]);
      const more = { ...service.gateway.containerEnv(), ASR_ENDPOINT: service.asr.url.replace('http', 'ws') };
      next = await startContainer({ ...more, ...env }, log, [], CONTAINERS[second]);
    });
    afterAll(async () => {
      if (next) await stopProcess(next.container);
      await service?.stop();
    });

    it('goes on through a lost connection and the replacement, and nothing is lost or doubled', async () => {
      let address = service.url;
      const { session, fake } = await appWith(phone, 'oTester', () => address);
      const texts = (): string[] => session.lines.filter(({ final }) => final).map(({ text }) => text);
      await session.start({ engine: '16k_zh' });
      fake.alive()[0]?.cut();
      pushAll(session, 0);
      await vi.waitFor(() => expect(texts()).toEqual([SENTENCES[0]?.text]), WAIT);
      address = next.url;
      const stopped = stopProcess(service.container);
      pushAll(session, 1);
      const answer = await session.stop();
      expect(await stopped).toBe(0);
      expect(texts()).toEqual(SENTENCES.map(({ text }) => text));
      expect(answer).toMatchObject({ id: session.status.sessionId, sentences: SENTENCES.length });
      const [record, ...others] = service.gateway.dump('voice_sessions');
      expect(others).toEqual([]);
      expect(record).toMatchObject({ state: 'completed', losses: [] });
      expect(fake.hookCount()).toBe(0);
    });

    it('cancel leaves no record', async () => {
      const { session } = await appWith(phone, 'oOther', () => next.url);
      await session.start({ engine: '16k_zh' });
      pushAll(session, 0);
      await session.cancel();
      const records = service.gateway.dump('voice_sessions').filter(({ _openid }) => _openid === 'oOther');
      expect(records.filter(({ state }) => state !== 'cancelled')).toEqual([]);
    });
  },
);
