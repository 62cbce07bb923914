import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClientOptions, CloudBaseSocketIOClient } from './cloudbase-socketio-client.ts';
import { createFakeWx, type FakeWx } from './testing/fake-wx.ts';
import { startServer, type TestServer } from './testing/server.ts';

describe('over wx.cloud.connectContainer', () => {
  let server: TestServer;
  let fake: FakeWx;
  let client: CloudBaseSocketIOClient;
  const create = (options: ClientOptions = {}) => {
    client = new CloudBaseSocketIOClient({ service: 'echo', ...options });
    return client;
  };

  beforeEach(async () => {
    server = await startServer();
    server.io.of('/echo').on('connection', (socket) => {
      socket.on('echo', (...args) => args.pop()(...args));
    });
    fake = createFakeWx({ services: { echo: server.url } });
    vi.stubGlobal('wx', fake.wx);
  });
  afterEach(async () => {
    client.disconnect();
    await server.close();
    vi.unstubAllGlobals();
  });

  it('connects, emits binary with an acknowledgement, disconnects', async () => {
    const c = create({ namespace: '/echo' });
    await c.connect();
    expect(c.isConnected()).toBe(true);
    const answer = await c.emitWithAck('echo', Uint8Array.of(0, 1, 2, 3).subarray(1, 3));
    expect(new Uint8Array(answer)).toEqual(Uint8Array.of(1, 2));
    c.disconnect();
    expect(c.isConnected()).toBe(false);
    await vi.waitFor(() => expect(fake.alive()).toEqual([]));
  });
});
