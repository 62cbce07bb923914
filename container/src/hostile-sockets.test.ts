import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type LocalService, startLocalService } from '../testing/local-service.ts';
import { requestJson } from '../testing/request-json.ts';

let service: LocalService;

beforeAll(async () => {
  service = await startLocalService({ DRAIN_MS: '500' });
});
afterAll(() => service.stop());

const alive = async (): Promise<number | undefined> => (await requestJson(`${service.url}/health`)).status;

/** Sends a bare upgrade request. */
function upgrade(path: string) {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  return socket;
}

describe('a caller without a ticket cannot end the process', () => {
  it('by leaving the namespace and coming back over the same connection', async () => {
    const raw = new WebSocket(`${service.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    const said = async (pattern: RegExp): Promise<void> => {
      for (;;) {
        const [data] = (await once(raw, 'message')) as [Buffer];
        if (pattern.test(data.toString())) return;
      }
    };
    await said(/^0/);
    for (let i = 0; i < 2; i++) {
      raw.send('40/realtime-voice,{}');
      await said(/^40\/realtime-voice/);
      raw.send('41/realtime-voice,');
      raw.ping();
      await once(raw, 'pong');
    }
    raw.close();
    expect(await alive()).toBe(200);
  });

  it('by resetting an upgrade to an unknown path', async () => {
    for (let i = 0; i < 20; i++) {
      const socket = upgrade('/nowhere');
      await once(socket, 'connect');
      setImmediate(() => socket.resetAndDestroy());
      await once(socket, 'close');
    }
    expect(await alive()).toBe(200);
  });

  it.each(['/nowhere', '/socket.io', '/socket.iox'])(
    'an upgrade to %s is answered and closed',
    async (path) => {
      const socket = upgrade(path);
      const [data] = (await once(socket, 'data')) as [Buffer];
      expect(data.toString()).toMatch(/^HTTP\/1.1 4/);
      await once(socket, 'close');
    },
  );
});

describe('a client of another kind', () => {
  it('that polls is told to use WebSocket', async () => {
    const response = await fetch(`${service.url}/socket.io/?EIO=4&transport=polling`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'USE_WEBSOCKET',
      message: expect.stringContaining("transports: ['websocket']"),
    });
  });

  it.each(['', 'EIO=5&', 'EIO=x&'])(
    'of an unknown protocol version ("%s") is refused at once',
    async (version) => {
      const socket = upgrade(`/socket.io/?${version}transport=websocket`);
      const [data] = (await once(socket, 'data')) as [Buffer];
      expect(data.toString()).toMatch(/^HTTP\/1.1 400/);
      await once(socket, 'close');
    },
  );
});

describe('a caller without a ticket', () => {
  const rssMb = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.container.pid}/status`, 'utf8'))?.[1]) / 1024;
  const raw = (path: string) => {
    const ws = new WebSocket(`${service.url.replace('http', 'ws')}${path}`);
    ws.on('error', () => {});
    return ws;
  };

  it('cannot fill the memory with large messages and attachments that never come', async () => {
    const before = rssMb();
    const frame = Buffer.alloc(2_000_000, 1);
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const ws = raw('/socket.io/?EIO=4&transport=websocket');
        const closed = once(ws, 'close');
        await once(ws, 'open');
        ws.send('40');
        ws.send(`4510-["x",${Array.from({ length: 10 }, (_, num) => `{"_placeholder":true,"num":${num}}`)}]`);
        for (let i = 0; i < 9; i++) ws.send(frame);
        await closed;
      }),
    );
    expect(rssMb() - before).toBeLessThan(60);
    expect(await alive()).toBe(200);
  });

  it.each([
    ['on the default namespace', '/socket.io/?EIO=4&transport=websocket', '40'],
    [
      'of the old protocol, which joins the default namespace by itself',
      '/socket.io/?EIO=3&transport=websocket',
      '',
    ],
    ['that says nothing', '/socket.io/?EIO=4&transport=websocket', ''],
    ['in the namespace', '/socket.io/?EIO=4&transport=websocket', '40/realtime-voice,{}'],
    ['of the plain protocol', '/ws', '{"event":"start","id":1}'],
  ])(
    '%s is closed in time',
    async (_name, path, first) => {
      const ws = raw(path);
      const closed = once(ws, 'close');
      await once(ws, 'open');
      if (first) ws.send(first);
      await closed;
    },
    15_000,
  );

  it('that sends nonsense is answered a hundred times, and closed', async () => {
    const ws = raw('/ws');
    let answers = 0;
    ws.on('message', () => answers++);
    const closed = once(ws, 'close');
    await once(ws, 'open');
    for (let i = 0; i < 5_000; i++) ws.send('nonsense');
    await closed;
    expect(answers).toBeLessThan(130);
  });
});
