import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { io, Manager, type Socket } from '../io.ts';
import { createFakeRuntimes, type FakeRuntimes } from '../testing/fake-runtimes.ts';
import { startServer, type TestServer } from '../testing/server.ts';
import type { Dial } from './dial.ts';
import * as my from './my.ts';
import { nodeWs } from './node-ws.ts';
import * as taro from './taro.ts';
import * as tt from './tt.ts';
import * as uni from './uni.ts';
import { platform as pagePlatform, type WebSocketClass, webSocket } from './websocket.ts';

const BYTES = Uint8Array.from({ length: 259 }, (_, at) => (at * 7) & 255);

let server: TestServer;
let runtimes: FakeRuntimes;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = await startServer();
  server.io.of('/chat').on('connection', (socket) => {
    socket.on('echo', (...args) => args.pop()(...args));
    socket.on('header', (answer) => answer(socket.handshake.headers['x-trace']));
  });
  runtimes = createFakeRuntimes();
  for (const name of ['uni', 'tt', 'my'] as const) vi.stubGlobal(name, runtimes[name]);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  await vi.waitFor(() => expect(runtimes.fake.alive()).toEqual([]));
  await server.close();
  vi.unstubAllGlobals();
});

/** Each dialer, made without an address, which then comes of `io(address)`, and with one. */
const DIALERS: Record<string, (base?: string) => Dial> = {
  uni: uni.connectSocket,
  tt: tt.connectSocket,
  taro: (base) => taro.connectSocket(runtimes.taro, base),
  'my, as the page of the SocketTask shows messages': my.connectSocket,
  'my, as the page of the event shows messages': (base) => {
    runtimes.setNested(false);
    return my.connectSocket(base);
  },
  'websocket, with the class of ws': (base) => webSocket(base, WebSocket as unknown as WebSocketClass),
  'node-ws': nodeWs,
};
const HAS_HEADERS = (name: string): boolean => !name.startsWith('websocket');

describe.each(Object.keys(DIALERS))('%s', (name) => {
  const dialOf = DIALERS[name] as (base?: string) => Dial;
  beforeEach(() => runtimes.setNested(true));

  const connect = (dial: Dial): Socket => {
    const socket = io(`${server.url}/chat`, { forceNew: true, dial, header: { 'x-trace': 'seven' } });
    sockets.push(socket);
    return socket;
  };

  it.each([
    ['the address of io()', () => dialOf()],
    ['an address of its own', () => dialOf(server.url)],
  ])('exchanges text and binary, with %s', async (_, dial) => {
    const socket = connect(dial());
    const [text, pcm] = await new Promise<[unknown, ArrayBuffer]>((resolve) =>
      socket.emit('echo', { 语: '音😀' }, BYTES.subarray(1), (...answer: [unknown, ArrayBuffer]) =>
        resolve(answer),
      ),
    );
    expect(text).toEqual({ 语: '音😀' });
    expect(new Uint8Array(pcm)).toEqual(BYTES.slice(1));
    expect(await socket.emitWithAck('header')).toBe(HAS_HEADERS(name) ? 'seven' : null);
    socket.disconnect();
    await vi.waitFor(() => expect(server.io.engine.clientsCount).toBe(0));
  });

  it('a server that is gone is an error, and one that disconnects says so', async () => {
    const refused = new Manager('ws://127.0.0.1:1', { autoConnect: false, dial: dialOf() });
    const error = await new Promise<Error | undefined>((resolve) => refused.open(resolve));
    expect(error).toMatchObject({ code: 'transport' });
    const socket = connect(dialOf());
    await new Promise<void>((resolve) => socket.on('connect', () => resolve()));
    const lost = new Promise((resolve) => socket.on('disconnect', resolve));
    for (const client of await server.io.of('/chat').fetchSockets()) client.disconnect(true);
    expect(await lost).toBe('io server disconnect');
  });

  it('what is left while it is dialled is closed', async () => {
    const socket = connect(dialOf());
    socket.disconnect();
    await vi.waitFor(() => expect(runtimes.fake.alive()).toEqual([]));
    await vi.waitFor(() => expect(server.io.engine.clientsCount).toBe(0));
  });
});

describe('life cycle', () => {
  it.each([
    ['uni', () => uni.platform],
    ['tt', () => tt.platform],
    ['my', () => my.platform],
    ['taro', () => taro.platform(runtimes.taro)],
  ])('of %s is listened to while there is a connection', (_, platform) => {
    const heard: string[] = [];
    const stop = platform()({
      show: () => heard.push('show'),
      hide: () => heard.push('hide'),
      network: ({ isConnected }) => heard.push(`network ${isConnected}`),
    });
    runtimes.fake.hide();
    runtimes.fake.show();
    runtimes.fake.network(false);
    expect(heard).toEqual(['hide', 'show', 'network false']);
    stop();
    expect(runtimes.fake.hookCount()).toBe(0);
  });

  it('of a page: the network, and when it is seen again', () => {
    const [page, frame] = [Object.assign(new EventTarget(), { hidden: true }), new EventTarget()];
    vi.stubGlobal('document', page);
    vi.stubGlobal('window', frame);
    const heard: string[] = [];
    const stop = pagePlatform({
      show: () => heard.push('show'),
      hide: () => heard.push('hide'),
      network: ({ isConnected }) => heard.push(`network ${isConnected}`),
    });
    const happen = (): void => {
      page.dispatchEvent(new Event('visibilitychange'));
      frame.dispatchEvent(new Event('offline'));
      frame.dispatchEvent(new Event('online'));
    };
    happen();
    page.hidden = false;
    happen();
    const network = ['network false', 'network true'];
    expect(heard).toEqual([...network, 'show', ...network]);
    stop();
    happen();
    expect(heard).toHaveLength(5);
  });

  it('is nothing where the runtime is missing', () => {
    vi.unstubAllGlobals();
    const events = { show() {}, hide() {}, network() {} };
    for (const platform of [uni.platform, tt.platform, my.platform, pagePlatform])
      expect(() => platform(events)()).not.toThrow();
  });
});

describe('Alipay', () => {
  it('a runtime that hands out no socket of its own is an error', async () => {
    vi.stubGlobal('my', { connectSocket: () => undefined });
    const manager = new Manager(server.url, { autoConnect: false, dial: my.connectSocket() });
    const error = await new Promise<Error | undefined>((resolve) => manager.open(resolve));
    expect(error).toMatchObject({ context: { errMsg: 'no SocketTask' } });
  });
});

it('a browser’s WebSocket is asked for ArrayBuffers, since a Blob can only be read later', () => {
  const made: { binaryType: string }[] = [];
  class Blobs {
    binaryType = 'blob';
    constructor() {
      made.push(this);
    }
  }
  const request = { service: 'wss://h', path: '/', header: {} };
  webSocket('', Blobs as never)(
    request,
    () => {},
    () => {},
  );
  expect(made).toMatchObject([{ binaryType: 'arraybuffer' }]);
});
