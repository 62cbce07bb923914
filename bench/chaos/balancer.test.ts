import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Balancer, startBalancer } from './balancer.ts';

interface Backend {
  port: number;
  state: { ready: boolean };
  /** As when its process is killed. */
  stop(): void;
}

/** A backend that answers with its name; `/ready` answers 200 or 503 as `state.ready` says. */
async function startBackend(name: string, listenOn = 0): Promise<Backend> {
  const state = { ready: true };
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/ready' && !state.ready ? 503 : 200);
    response.end(name);
  }).listen(listenOn, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(stop);
  return { port: (server.address() as AddressInfo).port, state, stop };
}

async function start(...ports: number[]): Promise<Balancer> {
  const balancer = await startBalancer(ports);
  onTestFinished(() => balancer.close());
  return balancer;
}

/** The name of the backend that a new connection reaches. */
const ask = async (url: string): Promise<string> =>
  (await fetch(`${url}/who`, { headers: { connection: 'close' } })).text();

test('connections go to the backends in turn', async () => {
  const [a, b] = [await startBackend('a'), await startBackend('b')];
  const balancer = await start(a.port, b.port);
  const answers = [
    await ask(balancer.url),
    await ask(balancer.url),
    await ask(balancer.url),
    await ask(balancer.url),
  ];
  expect(answers.sort()).toEqual(['a', 'a', 'b', 'b']);
});

test('a backend that is not ready gets no new connections until it is again', async () => {
  const [a, b] = [await startBackend('a'), await startBackend('b')];
  const balancer = await start(a.port, b.port);
  a.state.ready = false;
  await vi.waitFor(() => expect(balancer.healthy).toEqual([b.port]), { timeout: 10_000 });
  expect([await ask(balancer.url), await ask(balancer.url)]).toEqual(['b', 'b']);
  a.state.ready = true;
  await vi.waitFor(() => expect(balancer.healthy).toHaveLength(2), { timeout: 10_000 });
});

test('a backend that is killed is left out, and used again once it listens on its port again', async () => {
  const [a, b] = [await startBackend('a'), await startBackend('b')];
  const balancer = await start(a.port, b.port);
  a.stop();
  await vi.waitFor(() => expect(balancer.healthy).toEqual([b.port]), { timeout: 10_000 });
  expect([await ask(balancer.url), await ask(balancer.url)]).toEqual(['b', 'b']);
  await startBackend('a', a.port);
  await vi.waitFor(() => expect(balancer.healthy).toHaveLength(2), { timeout: 10_000 });
  expect([await ask(balancer.url), await ask(balancer.url)].sort()).toEqual(['a', 'b']);
});

test('without any backend a connection is closed at once', async () => {
  const a = await startBackend('a');
  a.state.ready = false;
  const balancer = await start(a.port);
  await expect(ask(balancer.url)).rejects.toThrow();
});
