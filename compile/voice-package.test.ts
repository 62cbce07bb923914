import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'acorn';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LocalService, startLocalService } from '../container/testing/local-service.ts';
import { SESSIONS, type SessionRecord } from '../contract/records.ts';
import { applyPatch } from '../miniprogram/testing/fake-page.ts';
import { buildClient } from './client.ts';
import { newerApisIn } from './library-level.ts';
import { ModuleRealm } from './testing/module-realm.ts';
import {
  filesOf,
  installIn,
  pack,
  publishedChecks,
  RESOLUTIONS,
  typeErrors,
} from './testing/packed-package.ts';
import { VoicePhone } from './testing/voice-phone.ts';
import { buildVoice } from './voice-package.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const NAME = 'cloudbase-voice';
const CLIENT = 'cloudbase-socketio-client';
const COMPONENT = 'voice-recorder/voice-recorder';
/** What the runtimes of mini-programs do not have, or have otherwise; names of fields are no matter. */
const ABSENT =
  /(?<!\.)\b(Function|eval|globalThis|window|self|document|process|URL|TextEncoder|TextDecoder|Blob|Buffer|XMLHttpRequest)\b(?!["'`:])/;
const BLOCK = /```ts\n([\s\S]*?)```/g;
const WAIT = { timeout: 30_000, interval: 50 };

let folder: string;
let packed: string;
let tarball: string;
let app: string;
const run = promisify(execFile);
const readPacked = (path: string): Promise<string> => readFile(join(packed, path), 'utf8');
const blocksOf = async (name: string): Promise<string[]> =>
  [...(await readPacked(name)).matchAll(BLOCK)].map(([, code = '']) => code);

/** Builds and packs both packages, and installs them in an empty folder. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voice-package-'));
  packed = join(folder, 'voice-npm');
  app = join(folder, 'app');
  const client = join(folder, 'client-npm');
  await mkdir(packed);
  await Promise.all([
    buildClient({ outDir: join(folder, 'client'), packageDir: client }),
    buildVoice(packed),
  ]);
  tarball = await pack(packed);
  await installIn(app, await pack(client), tarball);
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the package', () => {
  it('has its entry, the component, the readmes and the licence, and nothing else', async () => {
    const files = await filesOf(join(app, 'node_modules', NAME));
    expect(files.map((name) => name.replace(/chunk-[A-Z0-9]{8}/, 'chunk')).sort()).toEqual(
      [
        'LICENSE',
        'README.en.md',
        'README.md',
        'package.json',
        'size.svg',
        'dist/cjs/index.cjs',
        'dist/cjs/index.d.cts',
        'dist/esm/index.d.ts',
        'dist/esm/index.js',
        'dist/miniprogram/chunk.js',
        'dist/miniprogram/index.js',
        ...['js', 'json', 'wxml', 'wxss'].map((ending) => `dist/miniprogram/${COMPONENT}.${ending}`),
      ].sort(),
    );
  });

  it('is of the version, the licence and the client that it says', async () => {
    const manifest = JSON.parse(await readPacked('package.json'));
    const root = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: NAME, version: root.version, license: root.license });
    expect(manifest).toMatchObject({ sideEffects: false, publishConfig: { provenance: true } });
    expect(manifest.dependencies).toEqual({ [CLIENT]: root.version });
    expect(await readPacked('LICENSE')).toBe(await readFile(join(ROOT, 'LICENSE'), 'utf8'));
  });

  it('publint and attw find nothing', async () => {
    const { publint, attw } = await publishedChecks(tarball);
    expect(publint).not.toMatch(/Suggestions|Warnings|Errors/);
    expect(attw).toContain('No problems found');
  });

  it('has nothing in its mini-program folder that a phone lacks', async () => {
    const files = await readdir(join(packed, 'dist/miniprogram'), { recursive: true });
    const scripts = files.filter((name) => name.endsWith('.js'));
    expect(scripts).toHaveLength(3);
    for (const name of scripts) {
      const code = await readPacked(`dist/miniprogram/${name}`);
      expect(newerApisIn(code), name).toEqual([]);
      expect(() => parse(code, { ecmaVersion: 2017 }), name).not.toThrow();
      expect(ABSENT.exec(code)?.[0], name).toBeUndefined();
    }
  });

  it('import and require give the same names in Node, and nothing happens', async () => {
    const names = async (file: string, load: string): Promise<string> => {
      await writeFile(join(app, file), `(async () => console.log(Object.keys(${load}).sort().join()))()`);
      return (await run(process.execPath, [file], { cwd: app })).stdout;
    };
    const imported = await names('keys.mjs', `await import('${NAME}')`);
    expect(imported).toBe(await names('keys.cjs', `require('${NAME}')`));
    expect(imported).toContain('createVoiceService');
  });
});

describe('the readme', () => {
  it('shows the same code in both languages, and recording takes ten lines', async () => {
    const bare = (code: string): string => code.replace(/ \/\/.*$/gm, '');
    const [chinese, english] = [await blocksOf('README.md'), await blocksOf('README.en.md')];
    expect(english.map(bare)).toEqual(chinese.map(bare));
    expect(chinese[0]?.trim().split('\n').filter(Boolean)).toHaveLength(9);
  });

  it.each(RESOLUTIONS)('is typed, every block (%s)', async (_, resolution) => {
    const blocks = await blocksOf('README.md');
    expect(blocks.length).toBeGreaterThan(2);
    const uses = `import { createVoiceService, type Line, type VoiceState, recordingViewOf } from '${NAME}';
const voice = createVoiceService({ ticket: 'given', store: null });
const recording = voice.record();
recording.on('lines', (lines: readonly Line[]) => lines[0]?.text.length);
recording.on('snapshot', (snapshot) => recordingViewOf(snapshot).banner?.title.length);
voice.createSession().on('state', ({ new: state }: { new: VoiceState }) => state.length);
voice.history('list', { limit: 1 }).then(({ items }) => items[0]?.title.length);
// @ts-expect-error: no such event
recording.on('nothing', () => {});
// @ts-expect-error: no such engine
voice.record({ engine: 'no' });
`;
    expect(await typeErrors(app, resolution, [...blocks, uses])).toBe('');
  });
});

describe('on a phone, with a real container', () => {
  let service: LocalService;
  beforeAll(async () => {
    service = await startLocalService();
  });
  afterAll(() => service?.stop());

  const stored = (id: string): SessionRecord =>
    service.gateway.dump(SESSIONS).find(({ _id }) => _id === id) as never;

  it('the ten lines, bundled for a mini-program, transcribe a sample', async () => {
    const [lines = ''] = await blocksOf('README.md');
    await writeFile(join(app, 'lines.ts'), lines);
    const { outputFiles } = await build({
      entryPoints: [join(app, 'lines.ts')],
      bundle: true,
      write: false,
      format: 'cjs',
      platform: 'browser',
      target: 'es2017',
    });
    const npm = join(folder, 'bundled');
    await mkdir(npm);
    await writeFile(join(npm, 'lines.js'), outputFiles[0]?.text ?? '');
    const phone = new VoicePhone(() => service.url);
    const realm = new ModuleRealm(npm, { wx: phone.wx, console });
    const shown: { phase?: string; lines?: { text: string }[] } = {};
    const { start } = realm.require('lines') as { start(setData: (data: object) => void): never };
    const recording = start((data) => Object.assign(shown, data)) as {
      stop(): Promise<{ id: string; sentences: number }>;
    };
    await vi.waitFor(() => expect(shown.phase).toBe('recording'), WAIT);
    const text = phone.say('coffee');
    await vi.waitFor(() => expect(shown.lines?.map((line) => line.text)).toEqual([text]), WAIT);
    const { id, sentences } = await recording.stop();
    expect(sentences).toBe(1);
    expect(Object.values(stored(id).sentences).map((one) => one.text)).toEqual([text]);
    await vi.waitFor(() => expect(phone.fake.alive()).toEqual([]), WAIT);
    expect(phone.fake.hookCount()).toBe(0);
  });

  /** The component on a phone, after 「构建 npm」. */
  async function openRecorder() {
    const npm = join(folder, 'miniprogram_npm');
    for (const name of [NAME, CLIENT])
      await cp(join(app, 'node_modules', name, 'dist/miniprogram'), join(npm, name), { recursive: true });
    const phone = new VoicePhone(() => service.url);
    let component = {} as Definition;
    const realm = new ModuleRealm(npm, {
      wx: phone.wx,
      console,
      Component: (definition: Definition) => {
        component = definition;
      },
    });
    realm.require(`${NAME}/${COMPONENT}`);
    const events: [string, Record<string, unknown>][] = [];
    const instance = instanceOf(component, (name, detail) => events.push([name, detail]));
    component.lifetimes.attached.call(instance);
    return { phone, component, instance, events };
  }

  it('after 「构建 npm」 the component records, through a lost connection', async () => {
    const { phone, component, instance, events } = await openRecorder();
    expect(instance.data).toMatchObject({ phase: 'idle', buttonText: '开始录音', lines: [] });
    instance.tapRecord();
    await vi.waitFor(
      () => expect(instance.data).toMatchObject({ phase: 'recording', status: '已连接' }),
      WAIT,
    );
    const first = phone.say('coffee');
    await vi.waitFor(() => expect(instance.data.lines).toMatchObject([{ text: first, final: true }]), WAIT);
    for (const task of phone.fake.alive()) task.cut();
    await vi.waitFor(() => expect(instance.data.status).toContain('正在重连'), WAIT);
    const second = phone.say('deadline');
    await vi.waitFor(() => expect(instance.data.lines).toMatchObject([{}, { text: second }]), WAIT);
    instance.tapRecord();
    await vi.waitFor(() => expect(instance.data.phase).toBe('done'), WAIT);
    const completed = events.find(([name]) => name === 'completed')?.[1];
    expect(completed).toMatchObject({ sentences: 2 });
    const { sentences } = stored(String(completed?.id));
    expect(Object.values(sentences).map(({ text }) => text)).toEqual([first, second]);
    component.lifetimes.detached.call(instance);
    await vi.waitFor(() => expect(phone.fake.alive()).toEqual([]), WAIT);
  });

  it('a tap on its banner goes on with a recording that has failed, and does not begin another', async () => {
    const { phone, component, instance } = await openRecorder();
    let refuse = (): void => {};
    phone.beforeTicket = () =>
      new Promise((_, reject) => {
        refuse = () => reject({ errCode: -501000, errMsg: 'FUNCTION_NOT_FOUND' });
      });
    instance.tapRecord();
    await vi.waitFor(() => expect(instance.data.phase).toBe('recording'), WAIT);
    const text = phone.say('coffee');
    refuse();
    await vi.waitFor(
      () => expect(instance.data).toMatchObject({ phase: 'failed', banner: { label: '重试' } }),
      WAIT,
    );
    phone.beforeTicket = async () => {};
    await instance.tapBanner();
    await vi.waitFor(() => expect(instance.data.lines).toMatchObject([{ text, final: true }]), WAIT);
    instance.tapRecord();
    await vi.waitFor(() => expect(instance.data.phase).toBe('done'), WAIT);
    component.lifetimes.detached.call(instance);
  });
});

interface Definition {
  properties: Record<string, { value: unknown }>;
  data: object;
  lifetimes: { attached(this: object): void; detached(this: object): void };
  methods: Record<string, (...args: never[]) => unknown>;
}
interface Instance {
  data: Record<string, unknown>;
  tapRecord(): void;
  tapBanner(): Promise<void>;
}

/** A component as WeChat makes one of its definition: properties and data in `data`, methods on the instance. */
function instanceOf(
  { properties, data, methods }: Definition,
  heard: (name: string, detail: Record<string, unknown>) => void,
): Instance {
  const values = Object.entries(properties).map(([name, { value }]) => [name, value]);
  const all: Record<string, unknown> = structuredClone({ ...Object.fromEntries(values), ...data });
  return {
    ...methods,
    data: all,
    setData: (patch: Record<string, unknown>) => applyPatch(all, patch),
    triggerEvent: heard,
  } as unknown as Instance;
}
