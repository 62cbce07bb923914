import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket as OfficialTransport, io as officialIo } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { FakeClock } from '../../lib/fake-clock.ts';
import {
  ContainerSocket,
  type ContainerSocketEvent,
  type ContainerSocketOptions,
  connectContainerSocket,
} from './container-socket.ts';
import type { FakeSocketTask } from './testing/fake-socket-task.ts';
import { createFakeWx, type FakeWx, type FakeWxOptions } from './testing/fake-wx.ts';
import { startServer } from './testing/server.ts';

const MAX_BYTES = 1000;

let http: ReturnType<typeof createServer>;
let peers: WebSocket[];
let url: string;
let fake: FakeWx;
let knobs: FakeWxOptions;
const opened: ContainerSocket[] = [];
const heard: string[] = [];

const connect = (more: Partial<ContainerSocketOptions> = {}): ContainerSocket => {
  const socket = connectContainerSocket({ service: 'echo', path: '/ws?x=1', ...more });
  opened.push(socket);
  const note = ({ type, data, code, message }: ContainerSocketEvent): void => {
    heard.push(
      [type, data instanceof ArrayBuffer ? data.byteLength : data, code, message]
        .filter((x) => x !== undefined)
        .join(' '),
    );
  };
  socket.onopen = socket.onmessage = socket.onclose = socket.onerror = note;
  return socket;
};
const is = (...events: string[]): Promise<void> => vi.waitFor(() => expect(heard).toEqual(events));

beforeEach(async () => {
  http = createServer();
  peers = [];
  const server = new WebSocketServer({ server: http, maxPayload: MAX_BYTES });
  server.on('connection', (peer) => {
    peers.push(peer);
    peer.on('error', () => {});
    peer.on('message', (data, binary) => peer.send(data, { binary }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
  knobs = { services: { echo: url } };
  fake = createFakeWx(knobs);
  vi.stubGlobal('wx', fake.wx);
  heard.length = 0;
});
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.close();
  await vi.waitFor(() => expect(fake.alive()).toEqual([]));
  for (const peer of peers) peer.terminate();
  await new Promise((resolve) => http.close(resolve));
  vi.unstubAllGlobals();
});

describe('a WebSocket over connectContainer', () => {
  it('has the shape and the states of a WebSocket', async () => {
    const socket = connect({ header: { 'x-test': '1' }, env: 'env-1' });
    expect(fake.calls).toEqual([
      { service: 'echo', path: '/ws?x=1', header: { 'x-test': '1' }, config: { env: 'env-1' } },
    ]);
    expect([socket.url, socket.protocol, socket.extensions, socket.binaryType]).toEqual([
      'wss://echo/ws?x=1',
      '',
      '',
      'arraybuffer',
    ]);
    expect(socket.readyState).toBe(ContainerSocket.CONNECTING);
    await is('open');
    expect(socket.readyState).toBe(socket.OPEN);
    socket.close(3001, 'done');
    expect(socket.readyState).toBe(socket.CLOSING);
    await is('open', 'close 3001');
    expect(socket.readyState).toBe(ContainerSocket.CLOSED);
    socket.close();
    expect([ContainerSocket.CONNECTING, ContainerSocket.OPEN, ContainerSocket.CLOSING]).toEqual([0, 1, 2]);
  });

  it('exchanges text, buffers and views, and counts what the runtime has not taken', async () => {
    const socket = connect();
    await is('open');
    socket.send('语😀é!');
    expect(socket.bufferedAmount).toBe(Buffer.byteLength('语😀é!'));
    socket.send(new ArrayBuffer(3));
    socket.send(Uint8Array.of(1, 2, 3).subarray(1));
    await is('open', 'message 语😀é!', 'message 3', 'message 2');
    expect(socket.bufferedAmount).toBe(0);
    expect(() => socket.send({} as never)).toThrow(TypeError);
  });

  it('listeners are added once, removed, called once, and as objects', async () => {
    const socket = connect();
    const [fn, once, gone] = [vi.fn(), vi.fn(), vi.fn()];
    const object = { handleEvent: vi.fn() };
    socket.addEventListener('message', fn);
    socket.addEventListener('message', fn);
    socket.addEventListener('message', once, { once: true });
    socket.addEventListener('message', object);
    socket.addEventListener('message', gone);
    socket.addEventListener('message', null);
    socket.removeEventListener('message', gone);
    socket.removeEventListener('open', fn);
    socket.onmessage = null;
    await is('open');
    socket.send('1');
    socket.send('2');
    await vi.waitFor(() => expect(fn).toHaveBeenCalledTimes(2));
    expect(fn.mock.calls[0]?.[0]).toMatchObject({ type: 'message', data: '1', target: socket });
    expect(once).toHaveBeenCalledOnce();
    expect(object.handleEvent).toHaveBeenCalledTimes(2);
    expect(gone).not.toHaveBeenCalled();
  });

  it('what a listener throws is thrown by a timer, and the others are called', async () => {
    const clock = new FakeClock();
    const socket = connect({ clock });
    await is('open');
    const other = vi.fn();
    socket.onmessage = () => {
      throw new Error('mine');
    };
    socket.addEventListener('message', other);
    socket.send('1');
    await vi.waitFor(() => expect(other).toHaveBeenCalledOnce());
    expect(() => clock.advanceSync(0)).toThrow('mine');
  });

  it('bad arguments are refused as a browser refuses them', async () => {
    const socket = connect();
    expect(() => socket.send('early')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    for (const code of [0, 1001, 2999, 5000])
      expect(() => socket.close(code)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }));
    expect(() => socket.close(1000, '语'.repeat(42))).toThrow(
      expect.objectContaining({ name: 'SyntaxError' }),
    );
    await is('open');
    const send = vi.spyOn(fake.tasks[0] as FakeSocketTask, 'send');
    socket.close();
    socket.send('late');
    expect(send).not.toHaveBeenCalled();
    expect(socket.bufferedAmount).toBe(4);
  });

  it('takes the environment of another account', async () => {
    const other = createFakeWx({ services: { theirs: url } });
    const socket = connect({ service: 'theirs', cloud: other.wx.cloud as never });
    await is('open');
    expect(other.calls).toHaveLength(1);
    expect(fake.calls).toEqual([]);
    socket.close();
    await vi.waitFor(() => expect(other.alive()).toEqual([]));
  });
});

describe('what goes wrong', () => {
  it('an unknown service is an error and a close', async () => {
    const socket = connect({ service: 'nowhere' });
    await is('error cloud.connectContainer:fail INVALID_SERVICE', 'close 1006');
    expect(socket.readyState).toBe(3);
  });

  it('a runtime without connectContainer does not make the constructor throw', async () => {
    vi.stubGlobal('wx', {});
    connect();
    expect(heard).toEqual([]);
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(heard[0]).toContain('TypeError');
  });

  it('a dial that is never answered ends in time, and what it brings later is closed', async () => {
    let arrive = (): void => {};
    knobs.gate = () => new Promise((resolve) => (arrive = resolve));
    const clock = new FakeClock();
    connect({ clock, timeout: 500 });
    await clock.advance(499);
    expect(heard).toEqual([]);
    await clock.advance(1);
    expect(heard).toEqual(['error timeout', 'close 1006']);
    arrive();
    await vi.waitFor(() => expect(fake.tasks).toHaveLength(1));
    await vi.waitFor(() => expect(fake.alive()).toEqual([]));
    expect(heard).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  it('what is closed while it is opened is an error and a close, not in the caller’s turn', async () => {
    const socket = connect();
    socket.close();
    expect([socket.readyState, heard]).toEqual([2, []]);
    await is('error closed before it was open', 'close 1006');
    await vi.waitFor(() => expect(fake.alive()).toEqual([]));
  });

  it('a lost connection closes with 1006, a close of the server with its code', async () => {
    connect();
    await is('open');
    fake.tasks[0]?.cut();
    await is('open', 'close 1006');
    heard.length = 0;
    const socket = connect();
    const closed = new Promise<ContainerSocketEvent>((resolve) => socket.addEventListener('close', resolve));
    await is('open');
    peers[1]?.close(4000, 'bye');
    expect(await closed).toMatchObject({ code: 4000, reason: 'bye', wasClean: true });
  });

  it('a frame that cannot be sent is an error and a close', async () => {
    knobs.failTx = (frame) => frame === 'bad';
    const socket = connect();
    await is('open');
    socket.send('bad');
    await is('open', 'error sendSocketMessage:fail WebSocket is not connected', 'close 1006');
    expect(socket.bufferedAmount).toBe(0);
    await vi.waitFor(() => expect(fake.alive()).toEqual([]));
  });

  it('a runtime that never reports the close is not waited for', async () => {
    const clock = new FakeClock();
    const socket = connect({ clock });
    await is('open');
    fake.tasks[0]?.close();
    // the task is silent from now on
    Object.assign(fake.tasks[0] as object, { handlers: { open: [], message: [], close: [], error: [] } });
    socket.close();
    await clock.advance(5000);
    expect(heard).toEqual(['open', 'close 1006']);
  });

  it('a frame ahead of the runtime’s “open” opens it, and none is delivered after the close', async () => {
    const socket = connect();
    await vi.waitFor(() => expect(fake.tasks).toHaveLength(1));
    fake.tasks[0]?.receive('first');
    expect(heard).toEqual(['open', 'message first']);
    socket.close();
    fake.tasks[0]?.receive('late');
    await vi.waitFor(() => expect(socket.readyState).toBe(3));
    expect(heard.filter((event) => event.startsWith('message'))).toEqual(['message first']);
  });
});

describe('socket.io-client 4.8 over it', () => {
  class ContainerTransport extends OfficialTransport {
    override createSocket(uri: string): ContainerSocket {
      return connectContainerSocket({ service: 'echo', path: uri.replace(/^wss?:\/\/[^/]*/, '') });
    }
  }

  it('talks to a real server, and comes back after a loss', async () => {
    const server = await startServer({ connectionStateRecovery: {} });
    server.io.of('/chat').on('connection', (socket) => {
      socket.on('echo', (...args) => args.pop()(...args));
    });
    knobs.services = { echo: server.url };
    const socket = officialIo('ws://echo/chat', {
      transports: [ContainerTransport as never],
      reconnectionDelay: 10,
      auth: { ticket: 1 },
    });
    const echo = (value: unknown) => socket.timeout(5000).emitWithAck('echo', value);
    expect(await echo({ 语: '音' })).toEqual({ 语: '音' });
    const pcm: Uint8Array = await echo(Uint8Array.of(1, 2, 3));
    expect(new Uint8Array(pcm)).toEqual(Uint8Array.of(1, 2, 3));
    expect(socket.io.engine.transport.name).toBe('websocket');
    expect(fake.calls).toMatchObject([{ service: 'echo', path: '/socket.io/?EIO=4&transport=websocket' }]);
    const back = new Promise((resolve) => socket.io.once('reconnect', resolve));
    fake.tasks[0]?.cut();
    await back;
    expect(await echo('again')).toBe('again');
    expect(fake.calls).toHaveLength(2);
    socket.disconnect();
    await vi.waitFor(() => expect(fake.alive()).toEqual([]));
    await server.close();
  });
});
