import { randomUUID } from 'node:crypto';
import { NAMESPACE } from '../../contract/stream.ts';
import { readTextStamp } from '../sink/stamp.ts';

/** What a message of the server means to whoever streams. */
export type Heard =
  | { kind: 'reply'; say: string }
  /** The connection is up: with a session audio may begin, without one it is idle. */
  | { kind: 'connected' }
  | { kind: 'ready' }
  | { kind: 'result'; sentUs: number }
  | { kind: 'acknowledged' }
  | { kind: 'refused'; why: string }
  | { kind: 'other' };

/** How a server is spoken to, message by message: the packets of Socket.IO are written here, so that the generator costs little. */
export interface Dialect {
  readonly path: string;
  hear(message: string): Heard;
  /** What to say once `connected`, to begin a stream. */
  start(): string;
  /** The messages that carry one frame. */
  frame(number: number, samples: number, pcm: Buffer): (string | Buffer)[];
}

export type DialectName = 'relay' | 'socketio' | 'published' | 'container';

const OTHER: Heard = { kind: 'other' };

function resultOr(message: string, otherwise: Heard): Heard {
  const sentUs = readTextStamp(message);
  return sentUs === undefined ? otherwise : { kind: 'result', sentUs };
}

/** Binary messages one way, the recogniser's own messages the other. */
function relayDialect(): Dialect {
  return {
    path: '/',
    hear: (message) => resultOr(message, { kind: 'ready' }),
    start: () => '',
    frame: (_number, _samples, pcm) => [pcm],
  };
}

/** Packets of Engine.IO 4 and Socket.IO 5 (engine.io-protocol, socket.io-protocol). */
const PACKET = { open: '0', ping: '2', pong: '3', connect: '40', refused: '44', event: '42', ack: '43' };

function socketIoDialect(
  namespace: string,
  auth: object,
  startRequest: () => object,
  frame: Dialect['frame'],
): Dialect {
  const prefix = namespace === '/' ? '' : `${namespace},`;
  const startAnswer = `${PACKET.ack}${prefix}0[`;
  const isOf = (message: string, type: string): boolean => message.startsWith(`${type}${prefix}`);
  return {
    path: '/socket.io/?EIO=4&transport=websocket',
    hear(message) {
      if (message === PACKET.ping) return { kind: 'reply', say: PACKET.pong };
      if (message.startsWith(PACKET.open))
        return { kind: 'reply', say: `${PACKET.connect}${prefix}${JSON.stringify(auth)}` };
      if (isOf(message, PACKET.refused) || message.includes('"error"'))
        return { kind: 'refused', why: message };
      if (isOf(message, PACKET.connect)) return { kind: 'connected' };
      if (message.startsWith(startAnswer)) return { kind: 'ready' };
      return isOf(message, PACKET.ack) ? { kind: 'acknowledged' } : resultOr(message, OTHER);
    },
    start: () => `${PACKET.event}${prefix}0${JSON.stringify(['start', startRequest()])}`,
    frame,
  };
}

/** An event with one attachment: where the frame's first sample is, and the frame. */
const binaryFrame =
  (prefix: string): Dialect['frame'] =>
  (number, samples, pcm) => [`451-${prefix}["audio",${number * samples},{"_placeholder":true,"num":0}]`, pcm];

export function dialectOf(name: DialectName, ticket: string): Dialect {
  if (name === 'relay') return relayDialect();
  if (name === 'socketio') return socketIoDialect('/', {}, () => ({}), binaryFrame(''));
  if (name === 'published')
    return socketIoDialect(
      '/',
      {},
      () => ({}),
      // 0 is the start's
      (number, _samples, pcm) => [
        `${PACKET.event}${number + 1}["audio",{"audio":"${pcm.toString('base64')}"}]`,
      ],
    );
  return socketIoDialect(
    NAMESPACE,
    { ticket },
    () => ({ sessionId: randomUUID(), clientId: randomUUID() }),
    binaryFrame(`${NAMESPACE},`),
  );
}
