import { connect, type Socket } from 'node:net';
import { ECHO_PATH, STREAM_PATHS } from '../../../contract/paths.ts';
import type { Random } from '../../../lib/random.ts';
import type { Attack } from './attack.ts';
import { mutate, randomBytes } from './mutate.ts';

/** The service has answered or closed by then; a request that is not complete is waited for by any server. */
const ANSWER_WITHIN_MS = 500;

const SOCKET_PATHS = [
  ...STREAM_PATHS,
  ECHO_PATH,
  '/socket.io/?EIO=4&transport=websocket',
  '/socket.io/?EIO=3&transport=websocket',
];
const REQUESTS = [
  'GET /health HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'POST /api/realtime-voice/recognize HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}',
  'POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n40\r\n0\r\n\r\n',
  ...SOCKET_PATHS.map(upgradeOf),
];

function upgradeOf(path: string): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer a.b.c\r\n\r\n'
  );
}

/** Sends bytes and our end of the connection; settles when the service has closed its own, or has nothing to say. */
function exchange(url: string, send: (socket: Socket) => void): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
    send(socket);
  });
}

/** Requests to every path, upgrades among them. */
export const HTTP_ATTACK: Attack = {
  name: 'HTTP requests',
  async *run({ url, random }) {
    for (;;) {
      const request = random.chance(0.1)
        ? randomBytes(random.int(1, 2_000), random)
        : mutate(random.pick(REQUESTS), random);
      await exchange(url, (socket) => void socket.end(request));
      yield;
    }
  },
};

/** A frame with every field of RFC 6455 §5.2 at random, so that most break a rule: bits, opcode, mask, length, UTF-8, close code. */
function frameOf(random: Random): Buffer {
  const payload = randomBytes(random.pick([0, 1, 2, 125, 126, 200]), random);
  const said = random.chance(0.8) ? payload.length : random.pick([0, 5, 126, 65_536]);
  const first = random.chance(0.3) ? random.int(0, 255) : 0x80 | random.pick([0, 1, 2, 8, 9, 10]);
  const masked = random.chance(0.8) ? 0x80 : 0;
  const length =
    random.chance(0.1) || said > 65_535
      ? Buffer.concat([Buffer.from([masked | 127]), randomBytes(8, random)])
      : said > 125
        ? Buffer.from([masked | 126, said >> 8, said & 0xff])
        : Buffer.from([masked | said]);
  return Buffer.concat([
    Buffer.from([first]),
    length,
    masked ? randomBytes(4, random) : Buffer.alloc(0),
    payload,
  ]);
}

/** Frames that break WebSocket's own rules, on every path where one begins. */
export const FRAME_ATTACK: Attack = {
  name: 'WebSocket frames',
  async *run({ url, random }) {
    for (;;) {
      const path = random.pick(SOCKET_PATHS);
      const frames = Buffer.concat(Array.from({ length: random.int(1, 3) }, () => frameOf(random)));
      await exchange(url, (socket) => {
        socket.write(upgradeOf(path));
        socket.once('data', () => socket.end(frames));
      });
      yield;
    }
  },
};
