import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { parseTicketKeys, signTicket } from '../../../contract/ticket.ts';
import { systemClock } from '../../../lib/clock.ts';
import { SECRET } from '../../testing/local-service.ts';
import { Rig } from '../../testing/rig.ts';
import { MAX_BACKPRESSURE_BYTES } from './backpressure.ts';
import { attachTransports } from './routes.ts';
import { UnauthenticatedLimiter } from './unauthenticated-limiter.ts';

const START = { sessionId: 'session-1', clientId: 'client-1' };
const RESULT_CHARS = 100_000;

let http: Server;
afterEach(() => {
  http.closeAllConnections();
  http.close();
});

/** Both transports on a port of their own, with a manager whose recogniser the test drives. */
async function serve(rig: Rig): Promise<{ url: string; ticket: string }> {
  http = createServer();
  const ticketKeys = parseTicketKeys(SECRET);
  const deps = {
    ...rig.connectionDeps,
    unauthenticated: new UnauthenticatedLimiter(systemClock, 0),
    ticketKeys,
    trustWxHeaders: false,
    clock: systemClock,
  };
  attachTransports(http, deps, { socketIoPath: '/socket.io/', health: () => {} });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { ticket } = await signTicket('oUser', ticketKeys);
  return { url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`, ticket };
}

/** Says one thing after the other, each once the one before was answered, and reads nothing more. */
async function deaf(url: string, connection: { say: string; until: string }[]): Promise<WebSocket> {
  const ws = new WebSocket(url);
  ws.on('error', () => {});
  await once(ws, 'open');
  for (const { say, until } of connection) {
    const answered = new Promise<void>((resolve) => {
      ws.on('message', (data) => String(data).includes(until) && resolve());
    });
    ws.send(say);
    await answered;
  }
  ws.pause();
  return ws;
}

describe('a client that does not read', () => {
  it.each(['plain', 'socket.io'])('is cut off before its results fill the memory (%s)', async (transport) => {
    const rig = new Rig();
    const { url, ticket } = await serve(rig);
    const client =
      transport === 'plain'
        ? await deaf(`${url}/ws?ticket=${ticket}`, [
            { say: JSON.stringify({ event: 'start', data: START }), until: '"ready"' },
          ])
        : await deaf(`${url}/socket.io/?EIO=4&transport=websocket`, [
            { say: `40/realtime-voice,${JSON.stringify({ ticket })}`, until: '40/realtime-voice' },
            { say: `42/realtime-voice,${JSON.stringify(['start', START])}`, until: '"ready"' },
          ]);
    rig.asr.newest.open();
    const results = (8 * MAX_BACKPRESSURE_BYTES) / RESULT_CHARS;
    for (let i = 0; i < results; i++) {
      rig.asr.newest.say({ text: String(i).padEnd(RESULT_CHARS, 'x'), final: false });
      await new Promise((resolve) => setImmediate(resolve));
    }
    let heard = 0;
    client.on('message', () => {
      heard += 1;
    });
    client.resume();
    await vi.waitFor(() => expect(client.readyState).toBe(client.CLOSED), { timeout: 10_000 });
    expect(heard).toBeLessThan(results);
  });
});
