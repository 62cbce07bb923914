import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createContainerBalancer } from './containers.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A container whose `/ready` answers with `status`. */
const container = async (status: () => number): Promise<string> => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/ready' ? status() : 404).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

test('new connections go to the containers in turn', async () => {
  const urls = [await container(() => 200), await container(() => 200)];
  const choose = createContainerBalancer(() => urls);
  expect([await choose(), await choose(), await choose()]).toEqual([urls[0], urls[1], urls[0]]);
});

test('a container that drains or is away gets no new connections until it is ready again', async () => {
  let draining = true;
  const first = await container(() => (draining ? 503 : 200));
  const second = await container(() => 200);
  const choose = createContainerBalancer(() => [first, 'http://127.0.0.1:9', second]);
  expect([await choose(), await choose(), await choose()]).toEqual([second, second, second]);
  draining = false;
  expect(await choose()).toBe(first);
});

test('without a ready container there is none; a single one is not asked', async () => {
  const away = await container(() => 503);
  expect(await createContainerBalancer(() => [away, away])()).toBeUndefined();
  expect(await createContainerBalancer(() => [])()).toBeUndefined();
  expect(await createContainerBalancer(() => [away])()).toBe(away);
});

test('a container that was added is used', async () => {
  const urls = [await container(() => 200)];
  const choose = createContainerBalancer(() => urls);
  await choose();
  urls.push(await container(() => 200));
  expect(new Set([await choose(), await choose()])).toEqual(new Set(urls));
});
