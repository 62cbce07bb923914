import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloudBaseSocketIOClient } from '../miniprogram/client/cloudbase-socketio-client.ts';
import { createFakeWx } from '../miniprogram/client/testing/fake-wx.ts';
import { startServer } from '../miniprogram/client/testing/server.ts';
import { buildClient } from './client.ts';
import { newerApisIn } from './library-level.ts';

const TSC = new URL('../node_modules/typescript/bin/tsc', import.meta.url).pathname;
/** What the phone's runtime does not have, or has otherwise. */
const ABSENT =
  /\b(Function|eval|globalThis|window|self|document|process|URL|TextEncoder|TextDecoder|Blob|Buffer|XMLHttpRequest|WebSocket)\b(?!["'`:])/;

/** Runs a module as the phone does: in another realm, with what a module is given there and nothing else. */
function load(code: string, wx: unknown): typeof CloudBaseSocketIOClient {
  const module = { exports: {} };
  const realm = createContext(
    { module, wx, setTimeout, clearTimeout, console },
    { codeGeneration: { strings: false } },
  );
  runInContext(`(function (module, exports) {${code}\n})(module, module.exports)`, realm);
  return module.exports as typeof CloudBaseSocketIOClient;
}

/** Compiles one file against the declarations beside it, as in a mini-program. @returns what the compiler says */
async function compileTypes(file: string, ...more: string[]): Promise<string> {
  const target = ['--module', 'commonjs', '--target', 'es2017', '--lib', 'es2017', '--types', ''];
  const flags = ['--ignoreConfig', '--strict', ...target, ...more];
  return promisify(execFile)(process.execPath, [TSC, ...flags, file]).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
}

describe('the copyable client', () => {
  let outDir: string;
  let code: string;
  beforeAll(async () => {
    outDir = await mkdtemp(join(tmpdir(), 'client-'));
    const { file } = await buildClient({ outDir: join(outDir, 'client') });
    code = await readFile(file, 'utf8');
  });
  afterAll(() => rm(outDir, { recursive: true, force: true }));

  it('names itself, and nothing that the phone lacks', () => {
    expect(code).toMatch(/^\/\*! CloudBaseSocketIOClient \d+\.\d+\.\d+ docs\/client\.md \*\//);
    expect(ABSENT.exec(code)?.[0]).toBeUndefined();
    expect(newerApisIn(code)).toEqual([]);
    expect(code).not.toContain('instanceof ArrayBuffer');
    expect(code).not.toMatch(/\?\.[a-z[(]|\?\?|\basync\s*\*|\.\.\.\w+\s*\}/i);
  });

  it('does nothing when it is loaded', () => {
    const untouchable = new Proxy({}, { get: (_, key) => expect.fail(`wx.${String(key)} was used`) });
    expect(load(code, untouchable).name).not.toBe('');
  });

  it('gives the class itself, which works in another realm with short names inside', async () => {
    const server = await startServer({ connectionStateRecovery: {} });
    server.io.of('/echo').on('connection', (socket) => {
      socket.on('echo', (...args) => args.pop()(...args));
    });
    const fake = createFakeWx({ services: { echo: server.url } });
    const Client = load(code, fake.wx);
    const client = new Client({ service: 'echo', namespace: '/echo', retries: 1, ackTimeout: 5000 });
    await client.connect();
    const answer = await client.emitWithAck('echo', Uint8Array.of(1, 2, 3).subarray(1));
    expect(new Uint8Array(answer)).toEqual(Uint8Array.of(2, 3));
    expect(fake.tasks[0]?.sent).toContain('451-/echo,0["echo",{"_placeholder":true,"num":0}]');
    client.disconnect();
    expect(Client.connectSocket).toBeTypeOf('function');
    await server.close();
  });

  it('has types that stand alone, for require and for import', async () => {
    const folder = join(outDir, 'client');
    await writeFile(
      join(folder, 'use.ts'),
      `import Client = require('./cloudbase-socketio-client');
interface FromServer { result: (text: string) => void }
interface ToServer { start: (options: { engine: string }, ack: (id: string) => void) => void }
const options: Client.ClientOptions = { service: 'x', dial: Client.connectSocket('wss://x'), debug: true };
const client = new Client<FromServer, ToServer>(options);
client.on('result', (text) => text.length).onInternal('connect_error', (error) => error.message);
client.connect().catch((error: Client.ConnectError) => error.code === 'refused');
client.emitWithAck('start', { engine: 'x' }).then((id) => id.length);
const other: Client = client.of('/other');
// @ts-expect-error: no such event
client.on('nothing', () => {});
// @ts-expect-error: the client's own
client._onOpen();
export = other;
`,
    );
    expect(await compileTypes(join(folder, 'use.ts'), '--noEmit')).toBe('');
  });

  it.each([
    ['a named import', "import { CloudBaseSocketIOClient as Client } from './cloudbase-socketio-client';"],
    ['a default import', "import Client from './cloudbase-socketio-client';"],
  ])('%s gives the class, with its types', async (_, line) => {
    const use = join(outDir, 'client/import.ts');
    await writeFile(
      use,
      `${line}
interface ToServer { start: (options: { engine: string }, ack: (id: string) => void) => void }
const client = new Client<ToServer>({ service: 'x' } satisfies Client.ClientOptions);
const id: Promise<string> = client.timeout(1).emitWithAck('start', { engine: 'x' });
id.catch(() => {});
client.disconnect();
exports.Client = Client;
declare const exports: { Client: unknown };
`,
    );
    expect(await compileTypes(use, '--outDir', outDir, '--noEmit', 'false')).toBe('');
    const exports = {};
    runInContext(
      `(function (require, exports) {${await readFile(join(outDir, 'import.js'), 'utf8')}\n})(() => Client, exports)`,
      createContext({ Client: load(code, {}), exports }),
    );
    expect(exports).toHaveProperty('Client.name', load(code, {}).name);
  });

  it('says where compress() is declared that it has no effect', async () => {
    const types = await readFile(join(outDir, 'client/cloudbase-socketio-client.d.ts'), 'utf8');
    const at = types.indexOf('compress(');
    expect(types.slice(types.lastIndexOf('/**', at), at)).toContain('@deprecated');
  });

  it('comes with an example that needs nothing else', async () => {
    const session = await readFile(join(outDir, 'client/example/utils/voice-session.js'), 'utf8');
    expect(load(session, {})).toHaveProperty('createVoiceService');
    expect(newerApisIn(session)).toEqual([]);
    expect(session).not.toMatch(/\?\.[a-z[(]|\?\?|\basync\s*\*|\.\.\.\w+\s*\}/i);
    const page = 'client/example/pages/realtime-voice-cloudbase/realtime-voice-cloudbase.js';
    const required = (await readFile(join(outDir, page), 'utf8')).match(/require\('[^']*'\)/g);
    expect(required).toEqual(["require('../../utils/voice-session')"]);
    expect(newerApisIn(await readFile(join(outDir, page), 'utf8'))).toEqual([]);
  });
});
