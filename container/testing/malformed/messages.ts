import { WebSocket } from 'ws';
import type { Random } from '../../../lib/random.ts';
import { uniqueId } from '../voice-client.ts';
import { type Attack, answered, said } from './attack.ts';
import { mutate, nastyValue, randomBytes } from './mutate.ts';

/** Messages within a WebSocket: how a connection begins, and what an honest client says on it. */
interface Protocol {
  name: string;
  /** @param ticket undefined: without */
  path(ticket: string | undefined): string;
  /** Said first. */
  opening(ticket: string | undefined): string[];
  /** What the service says when it has let the connection in; undefined: nothing. */
  admitted?: RegExp;
  honest: readonly string[];
  /** A well-formed message. */
  write(event: string, args: unknown[]): string;
}

const EVENTS = ['start', 'audio', 'skip', 'stop', 'cancel', 'dance', 'toString'];

const START = () => ({ sessionId: uniqueId(), clientId: 'client-0001' });
const START_TEXT = JSON.stringify({
  ...START(),
  hotwords: [{ word: '你好', weight: 10 }],
  encodings: ['adpcm'],
  resume: { haveIndex: -1 },
});
const NAMESPACE = '/realtime-voice';

/** Of Socket.IO, the same in both versions; version 3 of Engine.IO differs in who pings. */
const SOCKET_IO_PACKETS = [
  '0{"sid":"a","upgrades":[],"pingInterval":1,"pingTimeout":1,"maxPayload":1}',
  '1',
  '2probe',
  '3',
  '5',
  '6',
  `40${NAMESPACE},{"ticket":"a.b.c"}`,
  `41${NAMESPACE},`,
  `42${NAMESPACE},1["start",${START_TEXT}]`,
  `42${NAMESPACE},2["stop",{"endPos":0}]`,
  `42${NAMESPACE},3["cancel"]`,
  `42${NAMESPACE},4["skip",{"fromPos":0,"toPos":16000}]`,
  `42${NAMESPACE},["audio",0,"AAAA"]`,
  `451-${NAMESPACE},["audio",0,{"_placeholder":true,"num":0}]`,
  `451-${NAMESPACE},["audio",0,{"_placeholder":true,"num":0},"adpcm"]`,
  `42${NAMESPACE},["audio",0,"AAAAAAAA","adpcm"]`,
  `43${NAMESPACE},0[{"a":1}]`,
  `44${NAMESPACE},{"message":"a"}`,
  `461-${NAMESPACE},0[{"_placeholder":true,"num":0}]`,
  '42["start",{}]',
];

const socketIo = (name: string, version: 3 | 4): Protocol => ({
  name,
  path: (ticket) =>
    `/socket.io/?EIO=${version}&transport=websocket${ticket && version === 3 ? `&ticket=${ticket}` : ''}`,
  opening: (ticket) => [
    version === 3 ? `40${NAMESPACE}?ticket=${ticket ?? ''},` : `40${NAMESPACE},${JSON.stringify({ ticket })}`,
  ],
  admitted: /^4[04]\/realtime-voice/,
  honest: SOCKET_IO_PACKETS,
  write: (event, args) => `42${NAMESPACE},1${JSON.stringify([event, ...args])}`,
});

const native = (name: string, write: (event: string, payload: unknown) => object): Protocol => ({
  name,
  path: (ticket) => `/ws${ticket ? `?ticket=${ticket}` : ''}`,
  opening: () => [],
  honest: [
    write('start', JSON.parse(START_TEXT)),
    write('stop', { endPos: 0 }),
    write('cancel', {}),
    write('skip', { fromPos: 0, toPos: 16_000 }),
    write('audio', { audio: 'AAAA' }),
    { ...write('audio', {}), pos: 0 },
    { ...write('audio', {}), pos: 0, encoding: 'adpcm' },
  ].map((message) => JSON.stringify({ ...message, id: 1 })),
  write: (event, [payload]) => JSON.stringify({ ...write(event, payload), id: 1 }),
});

export const PROTOCOLS: readonly Protocol[] = [
  socketIo('Socket.IO 3 and 4', 4),
  socketIo('Socket.IO 2', 3),
  native('native, { event, data }', (event, data) => ({ event, data })),
  native('native, { type, … }', (type, payload) => ({ ...(payload as object), type })),
];

/** @returns whether the service has let the connection in */
async function admit(
  ws: WebSocket,
  { opening, admitted }: Protocol,
  ticket: string | undefined,
): Promise<boolean> {
  const entered = admitted && said(ws, admitted);
  for (const text of opening(ticket)) ws.send(text);
  return entered ?? true;
}

/** How many connections have a ticket, and how many of those a session. */
const WITH_TICKET = 0.7;
const WITH_SESSION = 0.1;

/** One message after the other, until the service closes the connection; then on a new one. */
export function messageAttack(protocol: Protocol): Attack {
  const { name, path } = protocol;
  return {
    name,
    async *run({ url, ticketOf, random }) {
      for (;;) {
        const ticket = random.chance(WITH_TICKET) ? await ticketOf() : undefined;
        const ws = new WebSocket(`${url.replace(/^http/, 'ws')}${path(ticket)}`);
        ws.on('error', () => {});
        let isOpen = await answered(ws, 'open');
        if (isOpen) isOpen = await admit(ws, protocol, ticket);
        if (isOpen && random.chance(WITH_SESSION)) ws.send(protocol.write('start', [START()]));
        while (isOpen) {
          ws.send(malformed(protocol, random));
          ws.ping();
          isOpen = await answered(ws, 'pong');
          yield;
        }
      }
    },
  };
}

function malformed({ honest, write }: Protocol, random: Random): string | Buffer {
  const kind = random.next();
  if (kind < 0.15) return randomBytes(random.pick([0, 1, 2, 3, 320, 321, 70_000]), random);
  if (kind < 0.5) return mutate(random.pick(honest), random);
  const args = Array.from({ length: random.int(0, 3) }, () => nastyValue(random));
  return write(random.pick(EVENTS), args);
}
