import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type LocalService, startLocalService } from '../testing/local-service.ts';

let service: LocalService;

beforeAll(async () => {
  service = await startLocalService({ DRAIN_MS: '500' });
});
afterAll(() => service.stop());

const alive = async (): Promise<number> => (await fetch(`${service.url}/health`)).status;

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
