import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { createEcho } from './echo.ts';
import { UnauthenticatedLimiter } from './unauthenticated-limiter.ts';

async function serve(): Promise<{ clock: FakeClock; open(): WebSocket }> {
  const clock = new FakeClock();
  const http = createServer();
  onTestFinished(() => void http.close());
  const echo = createEcho({ clock, unauthenticated: new UnauthenticatedLimiter(clock, 0) });
  http.on('upgrade', echo.upgrade);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    clock,
    open() {
      const ws = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
      ws.on('error', () => {});
      onTestFinished(() => ws.terminate());
      return ws;
    },
  };
}

it('a connection of the echo lasts two minutes, whatever is said on it, and leaves no timer', async () => {
  const { clock, open } = await serve();
  const [long, short] = [open(), open()];
  await Promise.all([once(long, 'open'), once(short, 'open')]);
  const closed = once(long, 'close');
  short.close();
  await once(short, 'close');
  await clock.advance(119_000);
  long.send('still here');
  expect(String((await once(long, 'message'))[0])).toBe('still here');
  await clock.advance(1_000);
  expect((await closed)[0]).toBe(1000);
  expect(clock.pending).toBe(0);
});

it('the echo has a hundred connections at once; one more is told when to come again', async () => {
  const { open } = await serve();
  const sockets = Array.from({ length: 100 }, open);
  await Promise.all(sockets.map((ws) => once(ws, 'open')));
  const [, response] = (await once(open(), 'unexpected-response')) as [unknown, IncomingMessage];
  expect(response.statusCode).toBe(429);
  let body = '';
  for await (const part of response) body += part;
  expect(JSON.parse(body)).toMatchObject({ error: { code: 'RATE_LIMITED', retryAfterMs: 120_000 } });
  sockets[0]?.close();
  await once(sockets[0] as WebSocket, 'close');
  await once(open(), 'open');
});
