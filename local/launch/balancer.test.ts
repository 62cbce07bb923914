import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startBalancer } from './balancer.ts';

/** A backend that answers its name; `/ready` as it is told. */
async function backend(name: string): Promise<{ url: string; state: { ready: boolean }; server: Server }> {
  const state = { ready: true };
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/ready' && !state.ready ? 503 : 200);
    response.end(name);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, state, server };
}

/** On a connection of its own. */
const ask = async (url: string): Promise<string> =>
  (await fetch(`${url}/who`, { headers: { connection: 'close' } })).text();

test('connections go to the backends in turn', async () => {
  const [a, b] = [await backend('a'), await backend('b')];
  const balancer = await startBalancer([a.url, b.url]);
  onTestFinished(() => balancer.close());
  const answers = [
    await ask(balancer.url),
    await ask(balancer.url),
    await ask(balancer.url),
    await ask(balancer.url),
  ];
  expect(answers.sort()).toEqual(['a', 'a', 'b', 'b']);
});

test('a backend that is not ready gets no new connections until it is again', async () => {
  const [a, b] = [await backend('a'), await backend('b')];
  const balancer = await startBalancer([a.url, b.url]);
  onTestFinished(() => balancer.close());
  a.state.ready = false;
  await vi.waitFor(() => expect(balancer.healthy).toEqual([b.url]), { timeout: 10_000 });
  expect([await ask(balancer.url), await ask(balancer.url)]).toEqual(['b', 'b']);
  a.state.ready = true;
  await vi.waitFor(() => expect(balancer.healthy).toHaveLength(2), { timeout: 10_000 });
});

test('without any backend a connection is closed at once', async () => {
  const a = await backend('a');
  a.state.ready = false;
  const balancer = await startBalancer([a.url]);
  onTestFinished(() => balancer.close());
  await expect(ask(balancer.url)).rejects.toThrow();
});
