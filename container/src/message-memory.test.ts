import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Server as Engine, type Socket as EngineSocket } from 'engine.io';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { keepNoReadMemory, keepNoSentPackets } from './message-memory.ts';

const MESSAGE_BYTES = 60_000;
const MESSAGES = 100;
/** What all of them would take, a few times over. */
const MOST_KEPT_BYTES = (MESSAGES * MESSAGE_BYTES) / 4;

/** Of a client (RFC 6455 §4.1 and §5.2): a binary message, masked with zeros. */
const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');
const FRAME = Buffer.concat([
  Buffer.from([0x82, 0xfe, MESSAGE_BYTES >> 8, MESSAGE_BYTES & 0xff, 0, 0, 0, 0]),
  Buffer.alloc(MESSAGE_BYTES, 1),
]);

let collectYoung: () => void;
let http: Server;
let url: string;

beforeAll(() => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  // What survives twice is old.
  collectYoung = () => {
    for (let i = 0; i < 3; i++) collect({ type: 'minor' });
  };
});

beforeEach(async () => {
  http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterEach(() => {
  http.closeAllConnections();
  http.close();
});

/** What called the listeners of a message has returned. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A client and the socket that the server has of it. */
async function connected(): Promise<{ client: WebSocket; socket: WebSocket }> {
  const server = new WebSocketServer({ server: http });
  const client = new WebSocket(url);
  const [[socket]] = await Promise.all([once(server, 'connection'), once(client, 'open')]);
  keepNoReadMemory(socket);
  return { client, socket };
}

/** What `memory` grows by while `exchange` is done again and again, with time to grow old in between. */
async function growth(
  memory: 'arrayBuffers' | 'heapUsed',
  exchange: (i: number) => Promise<void>,
): Promise<number> {
  await exchange(0);
  await nextTurn();
  collectYoung();
  const before = process.memoryUsage()[memory];
  for (let i = 1; i <= MESSAGES; i++) {
    await exchange(i);
    await nextTurn();
    collectYoung();
  }
  return process.memoryUsage()[memory] - before;
}

describe('what was received', () => {
  it('is collected with the young generation', async () => {
    const server = new WebSocketServer({ server: http });
    // A client that makes no buffers of its own: they would be counted, too.
    const client = connect((http.address() as AddressInfo).port, '127.0.0.1');
    client.write(UPGRADE);
    const [socket] = (await once(server, 'connection')) as [WebSocket];
    keepNoReadMemory(socket);
    let receivedBytes = 0;
    let handled = (): void => {};
    // Not `once`, which would keep the last message.
    socket.on('message', (data: Buffer) => {
      receivedBytes += data.length;
      handled();
    });
    const grown = await growth('arrayBuffers', () => {
      client.write(FRAME);
      return new Promise<void>((resolve) => {
        handled = resolve;
      });
    });
    expect(receivedBytes).toBe((1 + MESSAGES) * MESSAGE_BYTES);
    client.destroy();
    expect(grown).toBeLessThan(MOST_KEPT_BYTES);
  });

  it('is whole also where it comes in parts, with a ping between them', async () => {
    const { client, socket } = await connected();
    const received: string[] = [];
    socket.on('message', (data) => received.push(String(data)));
    client.send('one ', { fin: false });
    client.ping();
    client.send('and ', { fin: false });
    client.send('two', { fin: true });
    client.send('');
    client.send('three');
    await expect.poll(() => received).toEqual(['one and two', '', 'three']);
  });

  it('comes as before after a socket was closed', async () => {
    const { client, socket } = await connected();
    const closed = once(socket, 'close');
    client.terminate();
    await closed;
    expect(() => keepNoReadMemory(socket)).not.toThrow();
  });
});

describe('what was sent over Engine.IO', () => {
  async function engineConnection(): Promise<{ client: WebSocket; connection: EngineSocket }> {
    const engine = new Engine({ transports: ['websocket'] });
    engine.attach(http);
    const client = new WebSocket(`${url}/engine.io/?EIO=4&transport=websocket`);
    const [[connection]] = await Promise.all([once(engine, 'connection'), once(client, 'message')]);
    keepNoSentPackets(connection);
    return { client, connection };
  }

  it('is collected with the young generation', async () => {
    const { client, connection } = await engineConnection();
    const grown = await growth('heapUsed', async (i) => {
      const received = once(client, 'message');
      connection.send(Buffer.alloc(MESSAGE_BYTES, 48 + (i % 10)).toString('latin1'));
      await received;
    });
    expect(grown).toBeLessThan(MOST_KEPT_BYTES);
  });

  it('arrives in order, however much is sent at once', async () => {
    const { client, connection } = await engineConnection();
    const received: string[] = [];
    client.on('message', (data) => received.push(String(data)));
    const said = Array.from({ length: 100 }, (_, i) => `${i}`);
    for (const text of said) connection.send(text);
    await expect.poll(() => received).toEqual(said.map((text) => `4${text}`));
  });
});
