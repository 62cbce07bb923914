import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { io, Manager, type Socket } from './facade.ts';
import { startServer, type TestServer } from './server.ts';

describe('the face of the official client', () => {
  let server: TestServer;
  let url: string;
  const sockets: Socket[] = [];
  const keep = (socket: Socket): Socket => {
    sockets.push(socket);
    return socket;
  };

  beforeEach(async () => {
    server = await startServer();
    server.io.on('connection', (socket) => {
      socket.on('echo', (value, answer) => answer(value));
    });
    server.io.of('/foo');
    url = server.url.replace('ws:', 'http:');
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.disconnect();
    await server.close();
  });

  it('io() connects by itself and reports every packet that it makes', async () => {
    const socket = keep(io(url, { forceNew: true }));
    const made: unknown[] = [];
    socket.io.engine?.on('packetCreate', ({ data }) => made.push(data));
    expect(await socket.emitWithAck('echo', 7)).toBe(7);
    expect(made).toEqual(['0', '20["echo",7]']);
    expect(Object.keys(socket.acks)).toEqual([]);
  });

  it('namespaces of one address share a manager, the same namespace twice does not', () => {
    const [one, two, three] = [keep(io(`${url}/foo`)), keep(io(`${url}/bar`)), keep(io(`${url}/foo`))];
    expect(one?.io).toBe(two?.io);
    expect(three?.io).not.toBe(one?.io);
  });

  it('engine.close() is a loss, after which the manager reconnects', async () => {
    const manager = new Manager(url, { reconnectionDelay: 10 });
    keep(manager.socket('/'));
    await new Promise<void>((resolve) => manager.on('open', () => resolve()));
    const first = manager.engine;
    const again = new Promise<void>((resolve) => manager.on('reconnect', () => resolve()));
    first?.close();
    expect(first?.readyState).toBe('closed');
    await again;
    expect(manager.engine).not.toBe(first);
  });

  it('a manager without an address never opens', () => {
    const manager = new Manager({ timeout: false });
    expect(manager.engine?.readyState).toBe('opening');
    manager._close();
  });
});
