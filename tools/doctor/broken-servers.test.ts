import type { ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  type LocalService,
  SECRET,
  startContainer,
  startLocalService,
  stopProcess,
} from '../../container/testing/local-service.ts';
import { lastLine, runTool } from '../../local/launch/testing/run-tool.ts';
import type { CheckResult } from './runner.ts';
import {
  type BrokenServer,
  startIdleCutter,
  startOldServer,
  startProxyWithoutUpgrade,
  startServerWithoutNamespace,
  startTlsServer,
  unusedPort,
} from './testing/servers.ts';

// each test starts the doctor, and some a container
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const TEN_MINUTES_MS = 600_000;
const RELEASES = new URL('../../miniprogram/client/testing/releases/', import.meta.url);
const SHIFTED_CLOCK = new URL('./testing/shifted-clock.mjs', import.meta.url).href;

let service: LocalService;
/** Without a local cloud, whose secret the doctor would take. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  service = await startLocalService();
});
afterAll(async () => {
  await service?.stop();
  await rm(folder, { recursive: true, force: true });
});

const started: (BrokenServer | ChildProcess)[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) await ('stop' in one ? one.stop() : stopProcess(one));
});
async function broken(server: Promise<BrokenServer>): Promise<BrokenServer> {
  const one = await server;
  started.push(one);
  return one;
}
/** One more container on the same database and recogniser, configured wrongly. */
async function container(
  env: Record<string, string>,
  nodeArgs: string[] = [],
  script?: string,
): Promise<string> {
  const { gateway, asr } = service;
  const needed = { ...gateway.containerEnv(), ASR_ENDPOINT: asr.url.replace('http', 'ws') };
  const { container: process, url } = await startContainer({ ...needed, ...env }, [], nodeArgs, script);
  started.push(process);
  return url;
}

interface Report {
  ok: boolean;
  failed: string[];
  checks: CheckResult[];
}

/** What the doctor says of an address. */
async function doctor(
  url: string,
  ...args: string[]
): Promise<Report & { of: (name: string) => CheckResult }> {
  const done = await runTool('doctor', [url, '--json', '--data', folder, ...args]);
  const report = JSON.parse(lastLine(done)) as Report;
  expect(done.code, done.stdout).toBe(report.ok ? 0 : 1);
  return { ...report, of: (name) => report.checks.find((check) => check.name === name) as CheckResult };
}
const quick = ['--secret', SECRET, '--idle', '0'];

test('nothing is wrong: a sample is recognised, and what a container does not have is skipped', async () => {
  const report = await doctor(service.url, '--secret', SECRET, '--idle', '1');
  expect(report.failed).toEqual([]);
  expect(report.ok).toBe(true);
  expect(Object.keys(report.checks[0] ?? {})).toEqual(['name', 'status', 'ms', 'cause', 'mend']);
  const ok = report.checks.filter(({ status }) => status === 'ok').map(({ name }) => name);
  expect(ok).toEqual([
    ...['dns', 'tcp', 'health', 'ready', 'test-ws', 'engine-io', 'namespace', 'clock', 'ticket'],
    ...['stream', 'build', 'heartbeat', 'idle'],
  ]);
  expect(report.of('functions')).toMatchObject({ status: 'skipped', cause: expect.stringContaining('容器') });
  // what cannot be deleted from here is named
  const [{ _id } = { _id: 'none' }] = service.gateway.dump('voice_sessions');
  expect(report.of('cleanup')).toMatchObject({
    status: 'skipped',
    cause: expect.stringContaining(String(_id)),
  });
});

test('without a ticket: what needs one is skipped, with how to get it', async () => {
  const report = await doctor(service.url, '--idle', '0');
  expect(report.failed).toEqual([]);
  expect(report.of('ticket')).toMatchObject({ status: 'skipped', mend: expect.stringContaining('--ticket') });
  expect(report.of('stream').status).toBe('skipped');
});

test('1. a wrong port', async () => {
  const port = await unusedPort();
  const report = await doctor(`http://127.0.0.1:${port}`, ...quick);
  expect(report.failed).toEqual(['tcp']);
  expect(report.of('tcp')).toMatchObject({ cause: expect.stringContaining(`${port}：连接被拒绝`) });
  expect(report.of('tcp').mend).toContain('端口');
  expect(report.of('stream').status).toBe('skipped');
});

test('2. plain HTTP where TLS is spoken to, and TLS where HTTP is', async () => {
  const plain = await doctor(service.url.replace('http:', 'https:'), ...quick);
  expect(plain.failed).toEqual(['tls']);
  expect(plain.of('tls').cause).toContain('没有加密的 HTTP，不是 TLS');
  expect(plain.of('tls').mend).toContain('http://');
  const { url } = await broken(startTlsServer());
  const secure = await doctor(url, ...quick);
  expect(secure.failed).toEqual(['health']);
  expect(secure.of('health').cause).toContain('这个端口上是 TLS');
  expect(secure.of('health').mend).toContain('https://');
});

test('3. a proxy that does not forward the upgrade', async () => {
  const { url } = await broken(startProxyWithoutUpgrade(service.url));
  const report = await doctor(url, ...quick);
  expect(report.failed).toEqual(['test-ws', 'engine-io']);
  for (const name of report.failed) {
    expect(report.of(name).cause).toContain('Upgrade 没有到达服务');
    expect(report.of(name).mend).toContain('proxy_set_header Upgrade');
  }
});

test('3. the same before the release that was kept: the proxy is named, not the version', async () => {
  const kept = readdirSync(RELEASES, { withFileTypes: true }).find((entry) => entry.isDirectory());
  const old = await container({}, [], new URL(`${kept?.name}/container.mjs`, RELEASES).pathname);
  const { url } = await broken(startProxyWithoutUpgrade(old));
  const report = await doctor(url, ...quick);
  expect(report.failed).toEqual(['test-ws', 'engine-io']);
  for (const name of report.failed) expect(report.of(name).cause).toContain('Upgrade 没有到达服务');
});

test('4. a proxy that cuts idle connections', async () => {
  const { url } = await broken(startIdleCutter(service.url, 1_500));
  const report = await doctor(url, '--secret', SECRET, '--idle', '4');
  expect(report.failed).toEqual(['heartbeat', 'idle']);
  for (const name of report.failed) {
    expect(report.of(name).cause).toMatch(/1\.[5-9] 秒后被切断.*中间的代理/);
    expect(report.of(name).mend).toContain('proxy_read_timeout');
  }
});

test('5. tickets that are signed with another secret', async () => {
  const url = await container({ TICKET_SECRET: 'another-secret-that-is-long-enough-987' });
  const report = await doctor(url, ...quick);
  expect(report.failed).toEqual(['ticket']);
  expect(report.of('ticket').cause).toContain('TICKET_INVALID');
  expect(report.of('ticket').mend).toContain('TICKET_SECRET');
  // the same with a ticket in hand
  const given = await doctor(url, '--ticket', await service.ticket(), '--idle', '0');
  expect(given.failed).toEqual(['ticket']);
});

test.each([
  ['ahead', TEN_MINUTES_MS],
  ['behind', -TEN_MINUTES_MS],
])('6. a clock that is ten minutes %s', async (_, shiftMs) => {
  const url = await container({ CLOCK_SHIFT_MS: String(shiftMs) }, ['--import', SHIFTED_CLOCK]);
  const report = await doctor(url, ...quick);
  expect(report.failed).toEqual(['clock']);
  expect(report.of('clock').cause).toContain('时钟');
  expect(report.of('clock').mend).toContain('NTP');
});

test('6. a clock that is ten minutes behind, as the server itself tells it', async () => {
  const { url } = await broken(startServerWithoutNamespace(-TEN_MINUTES_MS));
  const report = await doctor(url, '--idle', '0');
  expect(report.of('clock')).toMatchObject({ status: 'failed', cause: '服务器的时钟比本机慢 10.0 分钟' });
});

test('7. a key that the database refuses', async () => {
  const url = await container({ CLOUDBASE_APIKEY: 'not-the-key' });
  const report = await doctor(url, ...quick);
  expect(report.failed).toEqual(['ready']);
  expect(report.of('ready').cause).toMatch(/数据库.*STORE_MISCONFIGURED/);
  expect(report.of('ready').mend).toContain('CLOUDBASE_APIKEY');
});

test('8. a key that the recogniser refuses', async () => {
  const url = await container({ TENCENT_SECRET_KEY: 'not-the-key' });
  const report = await doctor(url, ...quick);
  expect(report.failed).toEqual(['stream']);
  expect(report.of('stream').cause).toContain('ASR_AUTH');
  expect(report.of('stream').mend).toContain('TENCENT_SECRET_KEY');
});

test('9. an old version: no echo, the handshake of Engine.IO 3', async () => {
  const { url } = await broken(startOldServer());
  const report = await doctor(url, ...quick);
  expect(report.failed).toEqual(['test-ws', 'engine-io']);
  expect(report.of('test-ws').cause).toContain('没有 /test-ws：服务是旧版本');
  expect(report.of('engine-io').cause).toContain('服务是旧版本：握手是 Engine.IO 3 的');
  expect(report.of('engine-io').mend).toContain('部署');
});

test('10. a Socket.IO server without the namespace', async () => {
  const { url } = await broken(startServerWithoutNamespace());
  const report = await doctor(url, ...quick);
  expect(report.failed).toEqual(['namespace']);
  expect(report.of('namespace').cause).toContain('没有命名空间 /realtime-voice');
  expect(report.of('stream')).toMatchObject({ status: 'skipped', cause: expect.stringContaining('票据') });
});

test('a container with another path for Socket.IO: what to give, and then nothing is wrong', async () => {
  const url = await container({ SOCKETIO_PATH: '/voice/' });
  const missing = await doctor(url, ...quick);
  expect(missing.failed).toEqual(['engine-io']);
  expect(missing.of('engine-io')).toMatchObject({
    cause: expect.stringContaining('没有 /socket.io/'),
    mend: expect.stringContaining('--path'),
  });
  expect((await doctor(url, ...quick, '--path', '/voice')).failed).toEqual([]);
});

test('an address at which something else answers', async () => {
  const report = await doctor(service.gateway.url, ...quick);
  expect(report.failed).toEqual(['health']);
  expect(report.of('health').cause).toContain('不是本服务');
});

test.each([
  [['ws://127.0.0.1:1'], 'http:// 或 https://'],
  [['http://127.0.0.1:1', '--idle', '-1'], '--idle'],
  [['--ticket', 'x'], '要和 URL 一起用'],
])('called wrongly (%j): usage, exit code 2', async (args, message) => {
  const done = await runTool('doctor', args);
  expect(done.code).toBe(2);
  expect(done.stderr).toContain(message);
});
