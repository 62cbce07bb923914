import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FaultProxy, type ProxiedConnection } from './proxy.ts';

let server: Server;
let proxy: FaultProxy;
let accepted: Socket[];
let received: Buffer[];
let opened: ProxiedConnection[];
const clients: Socket[] = [];

beforeEach(async () => {
  [accepted, received, opened] = [[], [], []];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket);
    socket.on('data', (bytes) => received.push(bytes));
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await FaultProxy.start({
    target: () => (server.address() as AddressInfo).port,
    random: () => 0.5,
    labelOf: (head) => /^hello (\w+)/.exec(head)?.[1] ?? '',
    onOpened: (connection) => opened.push(connection),
  });
});

afterEach(async () => {
  for (const socket of [...clients.splice(0), ...accepted]) socket.destroy();
  await proxy.close();
  server.close();
});

/** Resolves when the socket has closed, also by a reset, at which events.once would reject. */
const closed = (socket: Socket): Promise<void> => new Promise((done) => socket.once('close', () => done()));

const text = (): string => Buffer.concat(received).toString();

async function dial(greeting = 'hello a\n'): Promise<Socket & { fault?: string }> {
  const socket: Socket & { fault?: string } = connect({ port: proxy.port, host: '127.0.0.1' });
  clients.push(socket);
  socket.on('error', (error: NodeJS.ErrnoException) => {
    socket.fault = error.code ?? '';
  });
  await once(socket, 'connect');
  const before = accepted.length;
  socket.write(greeting);
  await vi.waitFor(() => expect(accepted.length).toBeGreaterThanOrEqual(before));
  return socket;
}

test('passes bytes both ways and reads the label', async () => {
  const socket = await dial('hello speaker7\n');
  await vi.waitFor(() => expect(text()).toBe('hello speaker7\n'));
  expect(opened.map(({ label }) => label)).toEqual(['speaker7']);
  accepted[0]?.write('back');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toBe('back');
});

test('the end of one side reaches the other after the last byte', async () => {
  const socket = await dial('last words');
  socket.end();
  await vi.waitFor(() => expect(accepted[0]?.readableEnded).toBe(true));
  expect(text()).toBe('last words');
});

test('a drop resets both ends', async () => {
  const socket = await dial();
  await vi.waitFor(() => expect(accepted).toHaveLength(1));
  proxy.drop();
  await closed(socket);
  expect(socket.fault).toBe('ECONNRESET');
  await vi.waitFor(() => expect(accepted[0]?.destroyed).toBe(true));
});

test('only the chosen connection is dropped', async () => {
  const [one, two] = [await dial('hello one\n'), await dial('hello two\n')];
  await vi.waitFor(() => expect(opened).toHaveLength(2));
  proxy.drop(proxy.connections.find(({ label }) => label === 'one'));
  await closed(one);
  expect(two.destroyed).toBe(false);
});

test('while the proxy refuses, a new connection is reset and the server sees none', async () => {
  proxy.refuseNew(true);
  const socket = connect({ port: proxy.port, host: '127.0.0.1' });
  clients.push(socket);
  socket.on('error', () => {});
  socket.write('hello');
  await closed(socket);
  expect(accepted).toHaveLength(0);
});

test('a stalled link accepts data without forwarding it, and continues where it stopped', async () => {
  const socket = await dial('before ');
  await vi.waitFor(() => expect(text()).toBe('before '));
  proxy.setConditions({ stalled: true });
  socket.write('during ');
  const other = await dial('unheard');
  accepted[0]?.write('answer');
  expect(socket.destroyed || other.destroyed).toBe(false);
  expect(text()).toBe('before ');
  proxy.setConditions({});
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toBe('answer');
  await vi.waitFor(() => expect(text()).toContain('before during '));
});

test('latency delays and keeps the order', async () => {
  proxy.setConditions({ latencyMs: [40, 80] });
  const socket = await dial('1');
  const sentAt = performance.now();
  for (const part of '23456789') socket.write(part);
  await vi.waitFor(() => expect(text()).toBe('123456789'));
  expect(performance.now() - sentAt).toBeGreaterThanOrEqual(35);
});

test('limited bandwidth takes time for every byte and loses none', async () => {
  proxy.setConditions({ bytesPerSecond: 100_000 });
  const socket = await dial('');
  const sent = Buffer.alloc(20_000, 'x');
  const sentAt = performance.now();
  socket.write(sent);
  await vi.waitFor(() => expect(Buffer.concat(received).length).toBe(sent.length), { timeout: 10_000 });
  expect(performance.now() - sentAt).toBeGreaterThanOrEqual(100);
});

test('a cut forwards part of the next chunk, then resets', async () => {
  const socket = await dial('whole.');
  await vi.waitFor(() => expect(text()).toBe('whole.'));
  proxy.cut('up');
  socket.write('ten bytes!');
  await closed(socket);
  expect(text()).toBe('whole.ten b');
});

test('nothing after a cut arrives, however much is sent at once', async () => {
  const socket = await dial('');
  const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i >> 8) % 251));
  proxy.cut('up');
  socket.write(sent);
  await closed(socket);
  const got = Buffer.concat(received);
  expect(got.length).toBeLessThan(sent.length);
  expect(got.equals(sent.subarray(0, got.length))).toBe(true);
});

test('a cut does not overtake what is queued', async () => {
  const socket = await dial('whole.');
  await vi.waitFor(() => expect(text()).toBe('whole.'));
  proxy.setConditions({ stalled: true });
  socket.write('held back');
  await vi.waitFor(() => expect(proxy.connections[0]?.queuedBytes).toBeGreaterThan(0));
  proxy.cut('up');
  socket.write('ten bytes!');
  await closed(socket);
  expect(text()).toBe('whole.');
});
