import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeClock, flushPromises } from '../../lib/fake-clock.ts';
import { CloudBaseSocketIOClient } from './cloudbase-socketio-client.ts';
import defaultIo, { type IoOptions, io, Manager, Socket, type Target } from './io.ts';
import { createFakeWx } from './testing/fake-wx.ts';
import { ScriptedServer } from './testing/scripted-server.ts';
import { startServer } from './testing/server.ts';

const sockets: Socket[] = [];
let count = 0;

function rig(options: IoOptions = {}) {
  const server = new ScriptedServer();
  const clock = new FakeClock();
  const settings: IoOptions = { dial: server.dial, clock, platform: null, random: () => 0.5, ...options };
  return {
    server,
    clock,
    settings,
    open(target: Target = `ws://host-${count++}`, more: IoOptions = {}): Socket {
      const socket = io(target, { ...settings, ...more });
      sockets.push(socket);
      return socket;
    },
  };
}
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});

describe('io()', () => {
  it.each([
    ['https://h:1/chat?x=1&y=%20&z', 'wss://h:1', '/chat', 'x=1&y=%20&z=&'],
    ['http://h/', 'ws://h', '/', ''],
    ['ws://h', 'ws://h', '/', ''],
    ['wss://h?a=b#c', 'wss://h', '/', 'a=b&'],
    ['/chat', 'named', '/chat', ''],
  ])('%s', async (address, service, nsp, query) => {
    const { open, server } = rig({ forceNew: true });
    const socket = open(address, { ...(address.startsWith('/') && { service }) });
    expect(socket.nsp).toBe(nsp);
    expect(server.requests).toMatchObject([
      { service, path: `/socket.io/?${query}EIO=4&transport=websocket` },
    ]);
  });

  it('options that are given win over the address', () => {
    const { open, server } = rig({ forceNew: true });
    expect(open('ws://h/a?x=1', { namespace: '/b', query: { y: 2 } }).nsp).toBe('/b');
    expect(server.requests[0]?.path).toContain('?y=2&EIO');
  });

  it('names a container by options, which connectContainer dials', async () => {
    const fake = createFakeWx({ services: () => undefined });
    vi.stubGlobal('wx', fake.wx);
    const target = { service: 'chat', env: 'env-1', namespace: '/asr', reconnection: false };
    const socket = io(target, { auth: { ticket: 1 } });
    sockets.push(socket);
    expect(fake.calls).toMatchObject([{ service: 'chat', config: { env: 'env-1' } }]);
    expect([socket.nsp, socket.auth]).toEqual(['/asr', { ticket: 1 }]);
  });

  it('an address is dialled by wx.connectSocket', async () => {
    const server = await startServer();
    const fake = createFakeWx({ services: {} });
    vi.stubGlobal('wx', fake.wx);
    const socket = io(server.url);
    await vi.waitFor(() => expect(socket.connected).toBe(true));
    expect(fake.tasks.map(({ url }) => url)).toEqual([`${server.url}/socket.io/?EIO=4&transport=websocket`]);
    socket.disconnect();
    await server.close();
  });

  it('namespaces share a manager; the same namespace twice, forceNew and multiplex do not', () => {
    const { open, server } = rig();
    const first = open('ws://shared/a');
    expect(open('ws://shared/b').io).toBe(first.io);
    expect(server.requests).toHaveLength(1);
    for (const other of [
      open('ws://shared/a'),
      open('ws://shared/c', { forceNew: true }),
      open('ws://shared/c', { multiplex: false }),
      open('ws://shared/c', { path: '/other' }),
      open('ws://elsewhere/c'),
    ])
      expect(other.io).not.toBe(first.io);
    // the ones that were made in between are not what is shared
    expect(open('ws://shared/c').io).toBe(first.io);
  });

  it('services and environments have managers of their own', () => {
    const { open } = rig();
    const first = open({ service: 'one', namespace: '/a' });
    expect(open({ service: 'one', namespace: '/b' }).io).toBe(first.io);
    expect(open({ service: 'two', namespace: '/b' }).io).not.toBe(first.io);
    expect(open({ service: 'one', env: 'e', namespace: '/b' }).io).not.toBe(first.io);
  });

  it('is the default export as well', () => {
    expect(defaultIo).toBe(io);
  });
});

describe('Socket', () => {
  it('is the client’s own socket, with the official names', async () => {
    const { open, server } = rig({ autoConnect: false });
    const socket = open();
    expect([socket.active, socket.connected, socket.disconnected]).toEqual([false, false, true]);
    expect(server.requests).toEqual([]);
    expect(socket.connect()).toBe(socket);
    expect(socket.active).toBe(true);
    const connected = vi.fn();
    socket.on('connect', connected);
    (await server.task()).accept('/', 'id-1');
    expect([socket.connected, socket.id, socket.recovered]).toEqual([true, 'id-1', false]);
    expect(connected).toHaveBeenCalledOnce();
    expect(socket.close()).toBe(socket);
    expect([socket.active, socket.connected, socket.id]).toEqual([false, false, undefined]);
    expect(Object.getPrototypeOf(Socket.prototype)).toBe(
      Object.getPrototypeOf(CloudBaseSocketIOClient.prototype),
    );
  });
});

describe('Manager', () => {
  const manager = (options: IoOptions = {}) => {
    const { server, clock, settings } = rig(options);
    const made = new Manager('ws://host', settings);
    return { server, clock, manager: made };
  };

  it('opens by itself, unless autoConnect is false', () => {
    expect(manager().server.requests).toHaveLength(1);
    const { server, manager: idle } = manager({ autoConnect: false });
    expect(server.requests).toEqual([]);
    expect(idle.connect()).toBe(idle);
    expect(server.requests).toHaveLength(1);
  });

  it('open(fn) calls back once, when it is open', async () => {
    const { server, clock, manager: made } = manager({ autoConnect: false });
    const opened = vi.fn();
    made.open(opened);
    const task = await server.task();
    task.handshake();
    expect(opened.mock.calls).toEqual([[undefined]]);
    task.drop();
    await clock.advance(1000);
    (await server.task()).handshake();
    expect(opened).toHaveBeenCalledOnce();
  });

  it('open(fn) calls back with the error, and then there is no other attempt', async () => {
    const { server, clock, manager: made } = manager({ autoConnect: false });
    const opened = vi.fn();
    server.refuseWith = { errMsg: 'no' };
    made.open(opened);
    await flushPromises();
    expect(opened.mock.calls).toEqual([
      [expect.objectContaining({ code: 'transport', context: { errMsg: 'no' } })],
    ]);
    await clock.advance(60_000);
    expect(server.requests).toHaveLength(1);
  });

  it('a callback for a connection that there is already is not kept', async () => {
    const { server, manager: made } = manager();
    (await server.task()).handshake();
    const opened = vi.fn();
    made.open(opened);
    made.close();
    made.open();
    (await server.task()).handshake();
    expect(opened).not.toHaveBeenCalled();
  });

  it('reads and sets its options', () => {
    const { manager: made } = manager();
    expect([made.reconnection(), made.reconnectionDelay(), made.timeout()]).toEqual([true, 1000, 20_000]);
    expect(made.reconnectionDelay(7).reconnection(false).timeout(false)).toBe(made);
    expect([made.reconnection(), made.reconnectionDelay(), made.timeout()]).toEqual([false, 7, false]);
    expect(made.reconnectionAttempts(3).randomizationFactor(0).reconnectionDelayMax(9)).toBe(made);
    expect(made.options).toMatchObject({
      reconnectionAttempts: 3,
      randomizationFactor: 0,
      reconnectionDelayMax: 9,
    });
  });

  it('has one socket for a namespace, and connects it again where autoConnect says so', async () => {
    const { server, manager: made } = manager();
    const socket = made.socket('/a', { auth: { n: 1 } });
    const task = await server.task();
    task.handshake();
    expect(task.take()).toEqual(['40/a,{"n":1}']);
    expect(made.socket('/a')).toBe(socket);
    expect(task.take()).toEqual([]);
    made.socket('/b');
    socket.disconnect();
    expect(socket.active).toBe(false);
    expect(made.socket('/a').active).toBe(true);
    const { manager: idle } = manager({ autoConnect: false });
    expect(idle.socket('/a').active).toBe(false);
  });

  it('reports what happens to the connection', async () => {
    const { server, clock, manager: made } = manager({ reconnectionAttempts: 2 });
    const heard: string[] = [];
    for (const name of [
      'open',
      'error',
      'ping',
      'packet',
      'close',
      'reconnect_attempt',
      'reconnect_error',
      'reconnect_failed',
      'reconnect',
    ] as const)
      made.on(name, (detail?: unknown) => {
        heard.push(typeof detail === 'object' ? name : `${name} ${detail ?? ''}`.trim());
      });
    const task = await server.task();
    task.accept();
    task.deliver('2');
    task.drop();
    expect(heard.splice(0)).toEqual(['open', 'packet', 'ping', 'close transport close']);
    await clock.advance(1000);
    (await server.task()).handshake();
    expect(heard.splice(0)).toEqual(['reconnect_attempt 1', 'open', 'reconnect 1']);
    server.refuseWith = 'gone';
    (await server.task()).drop();
    await clock.advance(10_000);
    expect(heard).toEqual([
      'close transport close',
      'reconnect_attempt 1',
      'error',
      'reconnect_error',
      'reconnect_attempt 2',
      'error',
      'reconnect_failed',
      'reconnect_error',
    ]);
  });
});
