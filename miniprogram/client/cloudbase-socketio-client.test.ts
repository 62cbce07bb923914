import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClientOptions, CloudBaseSocketIOClient } from './cloudbase-socketio-client.ts';
import { createFakeWx, type FakeWx, type FakeWxOptions } from './testing/fake-wx.ts';
import { startServer, type TestServer } from './testing/server.ts';

const SERVER_MAX_BYTES = 10_000;

/** Everything against a real Socket.IO server, through a strict `wx`. */
describe.each([
  ['without connection state recovery', undefined],
  ['with connection state recovery', { maxDisconnectionDuration: 60_000 }],
])('a real server %s', (_, connectionStateRecovery) => {
  let server: TestServer;
  let fake: FakeWx;
  let knobs: FakeWxOptions;
  const clients: CloudBaseSocketIOClient[] = [];
  const create = (options: ClientOptions = {}): CloudBaseSocketIOClient => {
    const client = new CloudBaseSocketIOClient({
      service: 'echo',
      namespace: '/echo',
      reconnectionDelay: 10,
      ...options,
    });
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    server = await startServer({
      pingInterval: 100,
      pingTimeout: 5000,
      maxHttpBufferSize: SERVER_MAX_BYTES,
      ...(connectionStateRecovery && { connectionStateRecovery }),
    });
    server.io.of('/echo').on('connection', (socket) => {
      socket.on('echo', (...args) => args.pop()(...args));
      socket.on('say', (...args) => socket.emit('said', ...args));
      socket.on('ask', (...args) =>
        socket.emit('question', ...args, (answer: unknown) => socket.emit('got', answer)),
      );
      socket.on('auth', (answer) => answer(socket.handshake.auth, socket.handshake.query));
      socket.on('leave me', () => socket.disconnect());
      socket.on('cut', () => socket.conn.close());
    });
    server.io.of('/guarded').use((_socket, next) => {
      next(Object.assign(new Error('no entry'), { data: { code: 'TICKET' } }));
    });
    knobs = { services: { echo: server.url } };
    fake = createFakeWx(knobs);
    vi.stubGlobal('wx', fake.wx);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await vi.waitFor(() => expect(fake.alive()).toEqual([]));
    await server.close();
    vi.unstubAllGlobals();
  });

  it('connects, knows its id, disconnects', async () => {
    const client = create({ env: 'env-1' });
    await client.connect();
    expect(client.isConnected()).toBe(true);
    expect([...server.io.of('/echo').sockets.keys()]).toEqual([client.id]);
    expect(fake.calls).toEqual([
      {
        service: 'echo',
        path: '/socket.io/?EIO=4&transport=websocket',
        header: {},
        config: { env: 'env-1' },
      },
    ]);
    client.disconnect();
    expect(client.isConnected()).toBe(false);
    expect(client.id).toBeUndefined();
    await vi.waitFor(() => expect(server.io.of('/echo').sockets.size).toBe(0));
  });

  it('says nothing of an environment that was not given', async () => {
    await create().connect();
    expect(fake.calls[0]).not.toHaveProperty('config');
  });

  it('exchanges text, binary and both, with and without acknowledgements', async () => {
    const client = create();
    await client.connect();
    const frame = Uint8Array.of(0, 1, 2, 3, 4).subarray(1, 4);
    const [text, pcm] = await new Promise<[unknown, ArrayBuffer]>((resolve) =>
      client.emit('echo', { 语: '音' }, frame, (...answer: [unknown, ArrayBuffer]) => resolve(answer)),
    );
    expect(text).toEqual({ 语: '音' });
    expect(new Uint8Array(pcm)).toEqual(Uint8Array.of(1, 2, 3));
    const said = new Promise<unknown[]>((resolve) => client.once('said', (...args) => resolve(args)));
    client.emit('say', [frame.slice().buffer], null);
    const [list] = await said;
    expect(new Uint8Array((list as ArrayBuffer[])[0] as ArrayBuffer)).toEqual(Uint8Array.of(1, 2, 3));
    expect(await client.timeout(5000).emitWithAck('echo', 'in time')).toBe('in time');
    await expect(client.timeout(20).emitWithAck('nobody')).rejects.toThrow('timeout');
  });

  it('answers what the server asks', async () => {
    const client = create();
    client.on('question', (n, answer) => answer({ n: n + 1, pcm: Uint8Array.of(7) }));
    await client.connect();
    const got = new Promise<{ n: number; pcm: ArrayBuffer }>((resolve) => client.on('got', resolve));
    client.emit('ask', 1);
    const { n, pcm } = await got;
    expect(n).toBe(2);
    expect(new Uint8Array(pcm)).toEqual(Uint8Array.of(7));
  });

  it('brings auth, asked anew at every connection, query and header', async () => {
    let count = 0;
    const client = create({
      auth: async () => ({ n: ++count }),
      query: { q: '中 文' },
      header: { 'x-test': '1' },
    });
    const ask = (): Promise<[{ n: number }, { q: string }]> =>
      new Promise((resolve) =>
        client.emit('auth', (...answer: [{ n: number }, { q: string }]) => resolve(answer)),
      );
    await client.connect();
    const [auth, query] = await ask();
    expect(auth.n).toBe(1);
    expect(query.q).toBe('中 文');
    client.disconnect();
    await client.connect();
    expect((await ask())[0].n).toBe(2);
  });

  it('comes back by itself, with what was emitted meanwhile', async () => {
    const client = create();
    await client.connect();
    const reasons: unknown[] = [];
    client.onInternal('disconnect', (reason) => reasons.push(reason));
    const meanwhile = new Promise((resolve) =>
      client.onInternal('disconnect', () => client.emit('echo', 'meanwhile', resolve)),
    );
    fake.tasks[0]?.cut();
    expect(await meanwhile).toBe('meanwhile');
    expect(reasons).toEqual(['transport close']);
    expect(fake.alive()).toHaveLength(1);
  });

  it(`${connectionStateRecovery ? 'gets' : 'does not get'} what it missed while it was away`, async () => {
    const client = create();
    await client.connect();
    const { id } = client;
    const said: unknown[] = [];
    client.on('said', (text) => said.push(text));
    client.emit('say', 'before');
    await vi.waitFor(() => expect(said).toEqual(['before']));
    let leave = () => {};
    knobs.gate = () =>
      new Promise((resolve) => {
        leave = resolve;
      });
    fake.tasks[0]?.cut();
    await vi.waitFor(() => expect(server.io.of('/echo').sockets.size).toBe(0));
    server.io.of('/echo').emit('said', 'missed');
    await vi.waitFor(() => expect(fake.calls).toHaveLength(2));
    knobs.gate = undefined;
    leave();
    await vi.waitFor(() => expect(client.isConnected()).toBe(true));
    expect(client.recovered).toBe(connectionStateRecovery !== undefined);
    expect(client.id === id).toBe(connectionStateRecovery !== undefined);
    await client.emitWithAck('echo', 'flush');
    expect(said).toEqual(connectionStateRecovery ? ['before', 'missed'] : ['before']);
  });

  it('stays away when the server sends it away, and comes back on request', async () => {
    const client = create();
    await client.connect();
    const lost = new Promise((resolve) => client.onInternal('disconnect', resolve));
    client.emit('leave me');
    expect(await lost).toBe('io server disconnect');
    expect(client.active).toBe(false);
    await client.connect();
    expect(await client.emitWithAck('echo', 1)).toBe(1);
  });

  it('reconnects when the server closes the transport', async () => {
    const client = create();
    await client.connect();
    client.emit('cut');
    await vi.waitFor(() => expect(fake.calls).toHaveLength(2));
    await vi.waitFor(() => expect(client.isConnected()).toBe(true));
  });

  it('outlives the heartbeat', async () => {
    const client = create();
    let pings = 0;
    client.onInternal('ping', () => {
      pings++;
    });
    await client.connect();
    await vi.waitFor(() => expect(pings).toBeGreaterThan(2));
    expect(client.isConnected()).toBe(true);
    expect(fake.tasks[0]?.sent.filter((frame) => frame === '3').length).toBe(pings);
  });

  it('several namespaces share one socket', async () => {
    const client = create();
    const root = client.of('/');
    await Promise.all([client.connect(), root.connect()]);
    expect(fake.tasks).toHaveLength(1);
    root.disconnect();
    expect(await client.emitWithAck('echo', 'still here')).toBe('still here');
  });

  it('delivers at least once with retries, through a loss', async () => {
    const client = create({ retries: 3, ackTimeout: 5000 });
    await client.connect();
    const first = client.emitWithAck('echo', 1);
    const second = client.emitWithAck('echo', 2);
    fake.tasks[0]?.cut();
    expect(await Promise.all([first, second])).toEqual([1, 2]);
  });

  describe('bad input', () => {
    it('an unknown service rejects with what the platform says', async () => {
      const client = create({ service: 'nowhere', reconnection: false });
      await expect(client.connect()).rejects.toMatchObject({
        code: 'transport',
        context: { errMsg: 'cloud.connectContainer:fail INVALID_SERVICE' },
      });
    });

    it('an unknown namespace, and one that is guarded, reject with what the server says', async () => {
      await expect(create({ namespace: '/nowhere' }).connect()).rejects.toMatchObject({
        code: 'refused',
        message: 'Invalid namespace',
      });
      await expect(create({ namespace: '/guarded' }).connect()).rejects.toMatchObject({
        code: 'refused',
        message: 'no entry',
        data: { code: 'TICKET' },
      });
    });

    it('an oversized frame ends the transport with code 1009, and the client reconnects', async () => {
      const client = create();
      await client.connect();
      const lost = new Promise<unknown[]>((resolve) =>
        client.onInternal('disconnect', (...args) => resolve(args)),
      );
      client.emit('echo', new ArrayBuffer(SERVER_MAX_BYTES + 1), () => {});
      expect(await lost).toEqual(['transport close', expect.objectContaining({ code: 1009 })]);
      await vi.waitFor(() => expect(client.isConnected()).toBe(true));
    });

    it('a server that is gone rejects', async () => {
      knobs.services = { echo: 'ws://127.0.0.1:1' };
      const client = create({ reconnection: false });
      fake = createFakeWx(knobs);
      vi.stubGlobal('wx', fake.wx);
      await expect(client.connect()).rejects.toMatchObject({ code: 'transport' });
    });

    it('garbage of the server is one "parse error"', async () => {
      const client = create();
      await client.connect();
      const reasons: unknown[] = [];
      client.onInternal('disconnect', (reason) => reasons.push(reason));
      fake.tasks[0]?.receive('42/echo,{"no":"event"}');
      expect(reasons).toEqual(['parse error']);
      await vi.waitFor(() => expect(client.isConnected()).toBe(true));
    });
  });

  it('leaving and coming back quickly, again and again, leaves one socket', async () => {
    knobs.resolveDelayMs = 5;
    const client = create();
    for (let i = 0; i < 10; i++) {
      client.connect().catch(() => {});
      client.disconnect();
    }
    await client.connect();
    await vi.waitFor(() => expect(fake.alive()).toHaveLength(1));
    expect(server.io.of('/echo').sockets.size).toBe(1);
  });
});
