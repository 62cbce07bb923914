import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { joined, silence } from '../../container/testing/audio.ts';
import { ticketFor } from '../../container/testing/local-service.ts';
import { readMonoWav } from '../../local/asr/mono-wav.ts';
import type { Gateway } from '../../local/cloudbase/gateway.ts';
import { createFakeWx } from '../../miniprogram/client/testing/fake-wx.ts';
import type { VoiceSession } from '../../miniprogram/voice/session/voice-session.types.ts';
import { bundleForMiniprogram, KEPT_SESSION } from '../client.ts';
import { bundleFunction } from '../functions.ts';

/** Made by `npm run keep-release`; one folder, the release before. */
const RELEASES = fileURLToPath(new URL('../../miniprogram/client/testing/releases/', import.meta.url));
const [BEFORE = ''] = readdirSync(RELEASES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const KEPT = join(RELEASES, BEFORE);

export type Release = 'the release before' | 'this one';
export const CONTAINERS: Record<Release, string> = {
  'the release before': join(KEPT, 'container.mjs'),
  'this one': 'container/src/main.ts',
};
/** Version of the records that the release before writes. */
export const { schemaVersion: SCHEMA_VERSION_BEFORE } = JSON.parse(
  readFileSync(join(KEPT, 'release.json'), 'utf8'),
) as { schemaVersion: number };

const VOICE_FOLDER = fileURLToPath(new URL('../../miniprogram/voice', import.meta.url));

const codeOf = async (release: Release): Promise<string> =>
  release === 'this one'
    ? bundleForMiniprogram(KEPT_SESSION, VOICE_FOLDER, {}, 'now')
    : readFileSync(join(KEPT, 'voice-session.js'), 'utf8');

/** A phone with the app of a release; `addressOf` says where the container is at each dial. */
export async function appWith(release: Release, openid: string, addressOf: () => string) {
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
  const session = module.exports.createVoiceSession();
  const finals = (): string[] => session.lines.filter(({ final }) => final).map(({ text }) => text);
  return { session, fake, finals };
}

const SENTENCES = ['coffee', 'deadline'].map((name) => ({
  pcm: readMonoWav(readFileSync(`samples/phrases/${name}.wav`)).samples,
  text: readFileSync(`samples/phrases/${name}.txt`, 'utf8').trim(),
}));
export const TEXTS = SENTENCES.map(({ text }) => text);
/** A pause that ends a sentence, ms. */
const PAUSE_MS = 1500;
/** Silence before a sentence, ms. */
const LEAD_MS = 500;

/** Says a sentence of {@link TEXTS}. @returns what is left to say of it: the part behind `part` of its speech, and the pause */
export function say(session: VoiceSession, at: number, part = 1): () => void {
  const pcm = SENTENCES[at]?.pcm ?? new Int16Array();
  const cut = Math.floor(pcm.length * part);
  const bytes = (from: number, to: number) =>
    new Uint8Array(pcm.buffer, pcm.byteOffset + from * pcm.BYTES_PER_ELEMENT, (to - from) * 2);
  const push = (...parts: Uint8Array[]) => session.push(Uint8Array.from(joined(...parts)).buffer);
  push(silence(LEAD_MS), bytes(0, cut));
  const rest = () => push(bytes(cut, pcm.length), silence(PAUSE_MS));
  if (part === 1) rest();
  return part === 1 ? () => {} : rest;
}

const FUNCTIONS = ['history', 'stats'];
const nameOf = (name: string, release: Release): string => (release === 'this one' ? name : `${name}-before`);

/** A folder for a gateway with the functions of both releases. */
export async function bothFunctions(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'releases-'));
  for (const name of FUNCTIONS) {
    await bundleFunction(name, join(folder, name));
    const kept = join(KEPT, 'functions', name);
    if (existsSync(kept))
      await cp(kept, join(folder, nameOf(name, 'the release before')), { recursive: true });
  }
  return folder;
}

/** The functions of a release on a gateway that was started with {@link bothFunctions}. */
export function functionsOf(release: Release, gateway: Gateway, openid: string) {
  // biome-ignore lint/suspicious/noExplicitAny: the test says what it expects
  const call = (name: string, data: object): Promise<any> =>
    gateway.callFunction(nameOf(name, release), data, { openid });
  return {
    history: (data: object) => call('history', data),
    totals: async () => (await call('stats', { action: 'totals' })).totals,
    /** The timer that ends sessions without an owner, and removes what was deleted. */
    async cleanUp(): Promise<void> {
      if (release === 'this one')
        await fetch(`${gateway.url}/_local/timer/history/purge`, { method: 'POST' });
      // a release that the gateway's configuration does not name has no timers there; this one takes the event as it is
      else await gateway.callFunction(nameOf('history', release), { Type: 'Timer', TriggerName: 'purge' });
    },
  };
}
