import fs from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startWechatHost, type WechatHost } from '../host.ts';
import { type FakeCloud, startFakeCloud } from '../testing/fake-cloud.ts';

let folder: string;
let appDir: string;
let cloud: FakeCloud;
let host: WechatHost;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wechat-server-'));
  appDir = path.join(folder, 'app');
  fs.mkdirSync(path.join(appDir, 'pages/a'), { recursive: true });
  fs.writeFileSync(path.join(appDir, 'app.json'), '{"pages":["pages/a/a"]}');
  fs.writeFileSync(path.join(appDir, 'pages/a/a.ts'), 'Page({});');
  fs.writeFileSync(path.join(appDir, 'pages/a/a.wxml'), '<view>1</view>');
  fs.writeFileSync(path.join(folder, 'secret.txt'), 'secret');
  cloud = await startFakeCloud();
  host = await startWechatHost({
    port: 0,
    appDir,
    outDir: path.join(folder, 'out'),
    containerUrls: () => [cloud.url],
    gatewayUrl: cloud.url,
    users: [{ openid: 'user-a', name: '</script>' }],
    watch: true,
  });
});
afterAll(async () => {
  await host?.stop();
  await cloud?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Status of a request whose path is sent unchanged; `fetch` would normalise it. */
const status = (rawPath: string, headers: Record<string, string> = {}): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(host.url);
    request({ port, host: '127.0.0.1', path: rawPath, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });

/** The events that pages receive, one at a time. */
const events = async function* (): AsyncGenerator<string> {
  const response = await fetch(`${host.url}/_host/events`);
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
    for (const event of decoder.decode(chunk).split('\n\n')) if (event.startsWith('event:')) yield event;
};

test('only files of the built app are served', async () => {
  expect(await status('/app.html')).toBe(200);
  expect(await status('/../secret.txt')).toBe(404);
  expect(await status('/%2e%2e/secret.txt')).toBe(404);
  expect(await status('/%')).toBe(400);
  expect(await status('/_host/teleport')).toBe(404);
});

test("another site's page may not call the local cloud through the host", async () => {
  expect(await status('/_host/call/stats', { origin: 'http://evil.example' })).toBe(403);
  const socket = new WebSocket(`${host.url.replace('http', 'ws')}/_host/socket?path=/`, {
    origin: 'http://evil.example',
  });
  await new Promise((resolve) => socket.on('error', resolve));
  expect(cloud.calls).toEqual([]);
  expect(cloud.sockets).toEqual([]);
});

test('names of users cannot break out of the configuration script', async () => {
  const script = await (await fetch(`${host.url}/host-config.js`)).text();
  expect(script).not.toContain('</script>');
});

test('a page cannot set the headers that stand for the verified user', async () => {
  const header = encodeURIComponent(JSON.stringify({ 'X-WX-OPENID': 'somebody-else', 'X-Mine': 'yes' }));
  const socket = new WebSocket(
    `${host.url.replace('http', 'ws')}/_host/socket?user=user-a&path=/s&header=${header}`,
  );
  await new Promise((resolve) => socket.on('open', resolve));
  expect(cloud.sockets.at(-1)?.request.headers).toMatchObject({ 'x-wx-openid': 'user-a', 'x-mine': 'yes' });
  const closed = new Promise((resolve) => socket.on('close', resolve));
  expect(host.cutSockets()).toBe(1);
  expect(await closed).toBe(1006);
});

test('open pages are notified of a build, and of one that fails', async () => {
  const received = events();
  const first = received.next();
  const file = path.join(appDir, 'pages/a/a.wxml');
  // The stream is open once its first bytes are there; writing again does no harm.
  const writing = setInterval(() => fs.writeFileSync(file, '<view>2</view>'), 300);
  expect((await first).value).toBe('event: built\ndata: ');
  clearInterval(writing);
  fs.writeFileSync(file, '<view>');
  let event = (await received.next()).value;
  while (event?.startsWith('event: built')) event = (await received.next()).value;
  expect(event).toContain('event: failed');
  expect(event).toContain('pages/a/a.wxml:1');
  await received.return(undefined);
});

test('an unreachable container fails the connection as a network does', async () => {
  fs.writeFileSync(path.join(appDir, 'pages/a/a.wxml'), '<view>3</view>');
  const unreachable = await startWechatHost({
    port: 0,
    appDir,
    containerUrls: () => ['http://127.0.0.1:9'],
    gatewayUrl: 'http://127.0.0.1:9',
    users: [{ openid: 'user-a', name: '甲' }],
  });
  const socket = new WebSocket(`${unreachable.url.replace('http', 'ws')}/_host/socket?path=/`);
  await new Promise((resolve) => socket.on('error', resolve));
  const call = await fetch(`${unreachable.url}/_host/call/stats?user=user-a`, { method: 'POST', body: '{}' });
  expect(call.status).toBe(502);
  expect(await call.json()).toMatchObject({ error: { errCode: -1 } });
  const asked = await fetch(`${unreachable.url}/api/realtime-voice/history`);
  expect([asked.status, await asked.json()]).toMatchObject([502, { code: 'LOCAL_UNAVAILABLE' }]);
  const refused = new WebSocket(`${unreachable.url.replace('http', 'ws')}/test-ws`);
  await new Promise((resolve) => refused.on('error', resolve));
  await unreachable.stop();
});

test('the published paths of the service are on the same address, for programs and for pages of other origins', async () => {
  cloud.calls.length = 0;
  const answer = await fetch(`${host.url}/api/realtime-voice/history?action=list`, {
    method: 'POST',
    body: '{"a":"值"}',
    headers: { origin: 'https://app.example', authorization: 'Bearer t' },
  });
  expect([answer.status, await answer.json()]).toEqual([200, { result: { ok: true } }]);
  expect((await fetch(`${host.url}/health`)).status).toBe(200);
  expect(cloud.calls.map(({ path, body }) => [path, String(body)])).toEqual([
    ['/api/realtime-voice/history?action=list', '{"a":"值"}'],
    ['/health', ''],
  ]);
  expect(await status('/api/realtime-voice2')).toBe(404);

  const socket = new WebSocket(`${host.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    origin: 'https://app.example',
  });
  await new Promise((resolve) => socket.on('open', resolve));
  expect(cloud.sockets.at(-1)?.request.url).toBe('/socket.io/?EIO=4&transport=websocket');
  const echoed = new Promise((resolve) => socket.on('message', resolve));
  socket.send(Buffer.from([1, 2, 3]));
  expect(await echoed).toEqual(Buffer.from([1, 2, 3]));
  const { closed } = cloud.sockets.at(-1) as (typeof cloud.sockets)[number];
  socket.terminate();
  expect(await closed).toBe(1006);
});

test('of several containers behind the page, those that are down get no connection', async () => {
  const several = await startWechatHost({
    port: 0,
    appDir,
    containerUrls: () => ['http://127.0.0.1:9', cloud.url],
    gatewayUrl: cloud.url,
    users: [{ openid: 'user-a', name: '甲' }],
  });
  const before = cloud.sockets.length;
  for (let i = 0; i < 3; i++) {
    const socket = new WebSocket(`${several.url.replace('http', 'ws')}/_host/socket?path=/`);
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    socket.terminate();
  }
  expect(cloud.sockets.length - before).toBe(3);
  await several.stop();
});

test('two hosts run in one process, and stop leaves nothing of them behind', async () => {
  const watched = (): number =>
    process.getActiveResourcesInfo().filter((kind) => kind === 'FSEventWrap').length;
  const outputs = path.join(folder, 'outputs');
  fs.mkdirSync(outputs);
  vi.stubEnv('TMPDIR', outputs);
  // Accepts connections and never answers a handshake.
  const silent = createServer((socket) => socket.resume().on('error', () => undefined));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const container = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const watchedBefore = watched();
  const start = () =>
    startWechatHost({
      port: 0,
      appDir,
      containerUrls: () => [container],
      gatewayUrl: container,
      users: [{ openid: 'user-a', name: '甲' }],
      watch: true,
    });
  const hosts = [await start(), await start()];
  expect(new Set(hosts.map(({ url }) => url)).size).toBe(2);
  expect(fs.readdirSync(outputs)).toHaveLength(2);
  const failed = hosts.map(({ url }) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/_host/socket?path=/`);
    const passedOn = new WebSocket(`${url.replace('http', 'ws')}/socket.io/`);
    return Promise.all([socket, passedOn].map((one) => new Promise((resolve) => one.on('error', resolve))));
  });
  const connections = (): Promise<number> =>
    new Promise((resolve) => silent.getConnections((_error, count) => resolve(count)));
  await expect.poll(connections).toBe(4);
  await Promise.all(hosts.map((each) => each.stop()));
  await Promise.all(failed);
  await expect.poll(watched).toBe(watchedBefore);
  expect(fs.readdirSync(outputs)).toEqual([]);
  for (const { url } of hosts) await expect(fetch(url)).rejects.toThrow();
  await expect.poll(connections).toBe(0);
  await new Promise((resolve) => silent.close(resolve));
});

describe('what stands beside the phone', () => {
  const killed: (string | undefined)[] = [];
  const startHost = async (canKill: boolean): Promise<WechatHost> => {
    const started = await startWechatHost({
      port: 0,
      appDir,
      containerUrls: () => [cloud.url],
      gatewayUrl: cloud.url,
      users: [{ openid: 'user-a', name: '甲' }],
      samples: [{ id: 'one', title: '第一句。', note: '', file: path.join(folder, 'one.wav') }],
      ...(canKill && { killContainer: (url) => killed.push(url) > 0 }),
    });
    onTestFinished(() => started.stop());
    return started;
  };

  test('a sample is given by its name, and no other file', async () => {
    fs.writeFileSync(path.join(folder, 'one.wav'), 'RIFF');
    const { url } = await startHost(false);
    const sample = await fetch(`${url}/_host/sample/one`);
    expect([sample.headers.get('content-type'), await sample.text()]).toEqual(['audio/wav', 'RIFF']);
    for (const id of ['two', '..%2fsecret.txt', ''])
      expect((await fetch(`${url}/_host/sample/${id}`)).status).toBe(404);
  });

  test('the container is killed only where the launcher allows it, and not by a page of another site', async () => {
    const refusing = await startHost(false);
    const kill = (url: string, init: RequestInit = {}) =>
      fetch(`${url}/_host/kill-container`, { method: 'POST', ...init });
    expect((await kill(refusing.url)).status).toBe(404);
    const { url } = await startHost(true);
    expect((await kill(url, { headers: { origin: 'http://other.example' } })).status).toBe(403);
    expect(killed).toEqual([]);
    expect(await (await kill(url)).json()).toEqual({ killed: true });
    const socket = new WebSocket(`${url.replace('http', 'ws')}/_host/socket?user=user-a&path=/x`);
    await new Promise((resolve) => socket.on('open', resolve));
    await kill(url);
    expect(killed).toEqual([undefined, cloud.url]);
    socket.terminate();
  });

  test('figures of a session: an id that is none is not passed on', async () => {
    const { url } = await startHost(false);
    expect((await fetch(`${url}/_host/session/..%2f..%2fx`)).status).toBe(404);
  });
});
