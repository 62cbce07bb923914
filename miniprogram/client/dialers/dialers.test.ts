import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClientOptions, CloudBaseSocketIOClient } from '../cloudbase-socketio-client.ts';
import { createFakeWx, type FakeWx } from '../testing/fake-wx.ts';
import { startServer, type TestServer } from '../testing/server.ts';
import { nodeWs } from './node-ws.ts';

describe('dialers', () => {
  let server: TestServer;
  let fake: FakeWx;
  const clients: CloudBaseSocketIOClient[] = [];
  const create = (options: ClientOptions): CloudBaseSocketIOClient => {
    const client = new CloudBaseSocketIOClient(options);
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    server = await startServer();
    server.io.on('connection', (socket) => {
      socket.on('echo', (...args) => args.pop()(...args));
    });
    fake = createFakeWx({ services: { echo: server.url } });
    vi.stubGlobal('wx', fake.wx);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await server.close();
    vi.unstubAllGlobals();
  });

  it('works over wx.connectSocket with an address, and over ws in Node', async () => {
    const dialers = [CloudBaseSocketIOClient.connectSocket(server.url), nodeWs(server.url)];
    for (const dial of dialers) {
      const client = create({ dial });
      await client.connect();
      const answer = await client.emitWithAck('echo', Uint8Array.of(1, 2));
      expect(new Uint8Array(answer)).toEqual(Uint8Array.of(1, 2));
      client.disconnect();
    }
    expect(fake.calls).toEqual([]);
    await vi.waitFor(() => expect(server.io.engine.clientsCount).toBe(0));
  });

  it('every dialer sends the headers, and connectContainer the environment where one is given', async () => {
    const { connectContainer, connectSocket } = CloudBaseSocketIOClient;
    const heard: unknown[] = [];
    server.io.on('connection', ({ handshake }) => heard.push(handshake.headers['x-trace']));
    const dialers = [connectContainer, connectSocket(server.url), nodeWs(server.url)];
    for (const [number, dial] of dialers.entries()) {
      const header = { 'x-trace': `dial ${number}` };
      const client = create({ service: 'echo', env: 'env-1', dial, header });
      await client.connect();
      client.disconnect();
    }
    expect(heard).toEqual(['dial 0', 'dial 1', 'dial 2']);
    expect(fake.calls[0]?.config).toEqual({ env: 'env-1' });
  });

  it('a Node socket that is refused or left while connecting ends quietly', async () => {
    const refused = create({ dial: nodeWs('ws://127.0.0.1:1'), reconnection: false });
    await expect(refused.connect()).rejects.toMatchObject({ code: 'transport' });
    const left = create({ dial: nodeWs(server.url) });
    const failed = expect(left.connect()).rejects.toMatchObject({ code: 'closed' });
    left.disconnect();
    await failed;
    await vi.waitFor(() => expect(server.io.engine.clientsCount).toBe(0));
  });
});
