import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type LocalService, startLocalService, stopProcess } from '../testing/local-service.ts';

let service: LocalService;

beforeAll(async () => {
  service = await startLocalService({ DRAIN_MS: '100' });
});
afterAll(() => service.stop());

describe('SIGTERM', () => {
  it('ends in order although a client answers nothing any more', async () => {
    const url = service.url.replace('http', 'ws');
    const deaf = await Promise.all(
      [`${url}/ws`, `${url}/socket.io/?EIO=4&transport=websocket`].map(async (address) => {
        const ws = new WebSocket(address);
        ws.on('error', () => {});
        await once(ws, 'open');
        ws.pause();
        return ws;
      }),
    );
    expect(await stopProcess(service.container)).toBe(0);
    expect(service.log.join('\n')).toContain('"stopped"');
    for (const ws of deaf) ws.terminate();
  });
});
