import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'acorn';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IoOptions, io } from '../miniprogram/client/io.ts';
import { createFakeRuntimes } from '../miniprogram/client/testing/fake-runtimes.ts';
import { createFakeWx } from '../miniprogram/client/testing/fake-wx.ts';
import { startServer, type TestServer } from '../miniprogram/client/testing/server.ts';
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

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const NAME = 'cloudbase-socketio-client';
const ENTRIES = ['client', 'container-socket', 'index', 'io', 'my', 'node', 'taro', 'tt', 'uni', 'websocket'];
/** What the runtimes of mini-programs do not have, or have otherwise; the entry for browsers and the one for Node are not for them. */
const ABSENT =
  /\b(Function|eval|globalThis|window|self|document|process|URL|TextEncoder|TextDecoder|Blob|Buffer|XMLHttpRequest)\b(?!["'`:])/;
const FIRST_BLOCK = /```ts\n([\s\S]*?)```/;

let folder: string;
let packed: string;
let tarball: string;
let app: string;
const run = promisify(execFile);
const readPacked = (path: string): Promise<string> => readFile(join(packed, path), 'utf8');
const readme = async (name: string): Promise<string> => FIRST_BLOCK.exec(await readPacked(name))?.[1] ?? '';

/** Builds and packs the package, and installs it in an empty folder: it has no dependencies, so no network is needed. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-package-'));
  packed = join(folder, 'client-npm');
  app = join(folder, 'app');
  await buildClient({ outDir: join(folder, 'client'), packageDir: packed });
  tarball = await pack(packed);
  await installIn(app, tarball);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the package', () => {
  it('has the files of its entries, the readmes and the licence, and nothing else', async () => {
    const files = await filesOf(join(app, 'node_modules', NAME));
    const built = (kind: string, endings: string[]): string[] =>
      ENTRIES.flatMap((entry) => endings.map((ending) => `dist/${kind}/${entry}${ending}`));
    const isChunk = (name: string): boolean => /^dist\/\w+\/chunk-[A-Z0-9]{8}\.c?js$/.test(name);
    expect(files.filter((name) => !isChunk(name)).sort()).toEqual(
      [
        'LICENSE',
        'README.en.md',
        'README.md',
        'package.json',
        'size.svg',
        ...built('esm', ['.js', '.d.ts']),
        ...built('cjs', ['.cjs', '.d.cts']),
        ...built('miniprogram', ['.js']),
        'dist/esm/types.d.ts',
        'dist/cjs/types.d.cts',
      ].sort(),
    );
    expect(await readdir(join(app, 'node_modules'))).toEqual(expect.arrayContaining([NAME]));
    expect((await readdir(join(app, 'node_modules'))).filter((name) => !name.startsWith('.'))).toEqual([
      NAME,
    ]);
  });

  it('is what its manifest says: of this version and licence, without dependencies, every entry there', async () => {
    const manifest = JSON.parse(await readPacked('package.json'));
    const root = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: NAME, version: root.version, license: root.license });
    expect(manifest).toMatchObject({ sideEffects: false, publishConfig: { provenance: true } });
    expect(manifest.dependencies).toBeUndefined();
    expect(await readPacked('LICENSE')).toBe(await readFile(join(ROOT, 'LICENSE'), 'utf8'));
    const entries = Object.keys(manifest.exports).filter((name) => name !== './package.json');
    expect(entries.map((name) => name.replace(/^\.\/?/, '') || 'index').sort()).toEqual(ENTRIES);
    expect(Object.keys(manifest.typesVersions['*']).sort()).toEqual(
      ENTRIES.filter((name) => name !== 'index'),
    );
  });

  it('publint and attw find nothing', async () => {
    const { publint, attw } = await publishedChecks(tarball);
    expect(publint).not.toMatch(/Suggestions|Warnings|Errors/);
    expect(attw).toContain('No problems found');
  });

  it('has nothing in its mini-program folder that a phone lacks', async () => {
    const files = await readdir(join(packed, 'dist/miniprogram'));
    for (const name of files) {
      const code = await readPacked(`dist/miniprogram/${name}`);
      expect(newerApisIn(code), name).toEqual([]);
      expect(() => parse(code, { ecmaVersion: 2017 }), name).not.toThrow();
      if (!/^(node|websocket)\.js$/.test(name)) expect(ABSENT.exec(code)?.[0], name).toBeUndefined();
    }
  });
});

describe('the ten lines of the readme', () => {
  let server: TestServer;
  const heard: unknown[] = [];
  beforeEach(async () => {
    server = await startServer();
    heard.length = 0;
    server.io.of('/room').on('connection', (socket) => {
      socket.on('hello', (name, answer) => {
        answer(`hello ${name}`);
        socket.emit('message', 'welcome');
      });
      socket.on('audio', (audio) => heard.push(['audio', audio.length]));
    });
  });
  afterEach(() => server.close());

  it('are the same in both languages', async () => {
    const bare = (code: string): string => code.replace(/ \/\/.*$/gm, '');
    expect(bare(await readme('README.en.md'))).toBe(bare(await readme('README.md')));
    expect((await readme('README.md')).trim().split('\n')).toHaveLength(10);
  });

  it.each(RESOLUTIONS)('are typed, as every block is (%s)', async (_, resolution) => {
    const blocks = [...(await readPacked('README.md')).matchAll(/```ts\n([\s\S]*?)```/g)].map(
      ([, code = '']) => code,
    );
    expect(blocks.length).toBeGreaterThan(2);
    const uses = `import Client, { type ClientOptions, Manager, type Socket } from '${NAME}';
import * as my from '${NAME}/my';
import * as taro from '${NAME}/taro';
import { nodeWs } from '${NAME}/node';
import { webSocket, platform } from '${NAME}/websocket';
import io from '${NAME}/io';
interface FromServer { result: (text: string) => void }
interface ToServer { start: (options: { engine: string }, ack: (id: string) => void) => void }
const socket: Socket<FromServer, ToServer> = io<FromServer, ToServer>('wss://x', { dial: my.connectSocket(), platform });
socket.connect().on('result', (text) => text.length);
socket.emitWithAck('start', { engine: 'x' }).then((id) => id.length);
const delay: number = new Manager('wss://x').reconnectionDelay();
const manager: Manager = socket.io.reconnectionDelay(delay).timeout(false);
const options: ClientOptions = { dial: taro.connectSocket({ connectSocket: async () => ({}) }, 'wss://x') };
new Client(options).connect().then(() => manager.close());
io({ service: 'x' }, { dial: webSocket('wss://x') }).io.options.dial = nodeWs();
// @ts-expect-error: no such event
socket.on('nothing', () => {});
// @ts-expect-error: the client's own
socket._onOpen();
`;
    expect(await typeErrors(app, resolution, [...blocks, uses])).toBe('');
  });

  it('bundled for a mini-program, connect to a real server', async () => {
    await writeFile(join(app, 'lines.ts'), await readme('README.md'));
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
    const fake = createFakeWx({ services: { chat: server.url } });
    const log = (...words: string[]): unknown =>
      heard.push(words.map((word) => (word.length > 15 ? 'id' : word)));
    const realm = new ModuleRealm(npm, { wx: fake.wx, console: { log } });
    const { leave } = realm.require('lines') as { leave(): void };
    await vi.waitFor(() => expect(heard).toHaveLength(4));
    expect(heard).toEqual(
      expect.arrayContaining([
        ['connected', 'id'],
        ['answer', 'id'],
        ['message', 'welcome'],
        ['audio', 1280],
      ]),
    );
    leave();
    expect(heard[4]).toEqual(['disconnected', 'id']);
    await vi.waitFor(() => expect(fake.alive()).toEqual([]));
    expect(fake.hookCount()).toBe(0);
  });
});

describe('after 「构建 npm」', () => {
  it('every entry works in another realm, on the same core', async () => {
    const { miniprogram } = JSON.parse(await readPacked('package.json'));
    const npm = join(folder, 'miniprogram_npm');
    await cp(join(app, 'node_modules', NAME, miniprogram), join(npm, NAME), { recursive: true });
    const server = await startServer();
    server.io.on('connection', (socket) => socket.on('echo', (value, answer) => answer(value)));
    const runtimes = createFakeRuntimes();
    const fake = createFakeWx({ services: { echo: server.url } });
    const realm = new ModuleRealm(npm, { ...runtimes, wx: fake.wx, console });
    const whole = realm.require(NAME);
    expect(Object.keys(whole).sort()).toEqual([
      'CloudBaseSocketIOClient',
      'ContainerSocket',
      'Manager',
      'Socket',
      'connectContainer',
      'connectContainerSocket',
      'connectSocket',
      'default',
      'io',
      'platform',
    ]);
    expect(whole.default).toBe(whole.CloudBaseSocketIOClient);
    expect(realm.require(`${NAME}/client`).default).toBe(whole.default);
    expect(realm.require(`${NAME}/io`).default).toBe(whole.io);
    expect(realm.require(`${NAME}/container-socket`).ContainerSocket).toBe(whole.ContainerSocket);
    const dialOf = (entry: string, ...args: unknown[]): Partial<IoOptions> => ({
      dial: (realm.require(`${NAME}/${entry}`).connectSocket as (...args: unknown[]) => never)(...args),
    });
    const targets: [string | object, IoOptions][] = [
      [{ service: 'echo' }, {}],
      [server.url, {}],
      [server.url, dialOf('uni')],
      [server.url, dialOf('tt')],
      [server.url, dialOf('my')],
      [server.url, dialOf('taro', runtimes.taro)],
    ];
    for (const [target, options] of targets) {
      const socket = (whole.io as typeof io)(target, { ...options, forceNew: true });
      const answer: ArrayBuffer = await socket.timeout(5000).emitWithAck('echo', Uint8Array.of(1, 2));
      expect([...new Uint8Array(answer)]).toEqual([1, 2]);
      socket.disconnect();
    }
    await vi.waitFor(() => expect([...fake.alive(), ...runtimes.fake.alive()]).toEqual([]));
    await server.close();
  });
});

describe('in Node', () => {
  /** Runs a script in the app's folder. @param flags of Node */
  const node = async (file: string, script: string, ...flags: string[]): Promise<string> => {
    await writeFile(join(app, file), script);
    return (await run(process.execPath, [...flags, file], { cwd: app, timeout: 30_000 })).stdout;
  };

  it('import and require give the same names', async () => {
    const keys = (file: string, load: (name: string) => string): Promise<string> => {
      const specifiers = ENTRIES.filter((entry) => entry !== 'node').map((entry) =>
        entry === 'index' ? NAME : `${NAME}/${entry}`,
      );
      const names = specifiers.map((name) => `[...Object.keys(${load(name)})].sort().join()`);
      return node(file, `(async () => console.log([${names.join(', ')}].join('\\n')))()`);
    };
    const imported = await keys('keys.mjs', (name) => `await import('${name}')`);
    expect(imported).toBe(await keys('keys.cjs', (name) => `require('${name}')`));
    expect(imported).toContain('CloudBaseSocketIOClient,default');
  });

  it('connects over its own WebSocket, and over ws where that is installed', async () => {
    const server = await startServer();
    server.io.on('connection', (socket) => socket.on('echo', (value, answer) => answer(value)));
    await symlink(join(ROOT, 'node_modules/ws'), join(app, 'node_modules/ws'));
    const script = `import { io } from '${NAME}/io';
import { nodeWs } from '${NAME}/node';
import { webSocket } from '${NAME}/websocket';
for (const dial of [webSocket(), nodeWs()]) {
  const socket = io('${server.url}', { dial, forceNew: true });
  const answer = await socket.timeout(5000).emitWithAck('echo', Uint8Array.of(1, 2, 3).subarray(1));
  console.log(new Uint8Array(answer).join());
  socket.disconnect();
}`;
    const isOld = Number(process.versions.node.split('.')[0]) < 22;
    const flags = isOld ? ['--experimental-websocket', '--no-warnings'] : [];
    expect(await node('node.mjs', script, ...flags)).toBe('2,3\n2,3\n');
    await server.close();
  });
});
