import { WebSocket } from 'ws';
import type { Random } from '../../../lib/random.ts';
import { uniqueId } from '../voice-client.ts';
import { type Attack, answered } from './attack.ts';
import { mutate, randomBytes } from './mutate.ts';

/** Messages within a WebSocket: how a connection begins, and what an honest client says on it. */
interface Protocol {
  name: string;
  /** @param ticket undefined: without */
  path(ticket: string | undefined): string;
  /** Said first. @param start whether a session is started */
  opening(ticket: string | undefined, start: boolean): string[];
  honest: readonly string[];
}

const START = () => ({ sessionId: uniqueId(), clientId: 'client-0001' });
const START_TEXT = JSON.stringify({
  ...START(),
  hotwords: [{ word: '你好', weight: 10 }],
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
  `43${NAMESPACE},0[{"a":1}]`,
  `44${NAMESPACE},{"message":"a"}`,
  `461-${NAMESPACE},0[{"_placeholder":true,"num":0}]`,
  '42["start",{}]',
];

const socketIo = (name: string, version: 3 | 4): Protocol => ({
  name,
  path: (ticket) =>
    `/socket.io/?EIO=${version}&transport=websocket${ticket && version === 3 ? `&ticket=${ticket}` : ''}`,
  opening: (ticket, start) => [
    version === 3 ? `40${NAMESPACE}?ticket=${ticket ?? ''},` : `40${NAMESPACE},${JSON.stringify({ ticket })}`,
    ...(start ? [`42${NAMESPACE},["start",${JSON.stringify(START())}]`] : []),
  ],
  honest: SOCKET_IO_PACKETS,
});

const native = (name: string, write: (event: string, payload: object) => object): Protocol => ({
  name,
  path: (ticket) => `/ws${ticket ? `?ticket=${ticket}` : ''}`,
  opening: (_ticket, start) => (start ? [JSON.stringify(write('start', START()))] : []),
  honest: [
    write('start', JSON.parse(START_TEXT)),
    write('stop', { endPos: 0 }),
    write('cancel', {}),
    write('skip', { fromPos: 0, toPos: 16_000 }),
    write('audio', { audio: 'AAAA' }),
    { ...write('audio', {}), pos: 0 },
  ].map((message) => JSON.stringify({ ...message, id: 1 })),
});

export const PROTOCOLS: readonly Protocol[] = [
  socketIo('Socket.IO 3 and 4', 4),
  socketIo('Socket.IO 2', 3),
  native('native, { event, data }', (event, data) => ({ event, data })),
  native('native, { type, … }', (type, payload) => ({ type, ...payload })),
];

/** How many connections have a ticket, and how many of those a session. */
const WITH_TICKET = 0.7;
const WITH_SESSION = 0.1;

/** One message after the other, until the service closes the connection; then on a new one. */
export function messageAttack({ name, path, opening, honest }: Protocol): Attack {
  return {
    name,
    async *run({ url, ticketOf, random }) {
      for (;;) {
        const ticket = random.chance(WITH_TICKET) ? await ticketOf() : undefined;
        const ws = new WebSocket(`${url.replace(/^http/, 'ws')}${path(ticket)}`);
        ws.on('error', () => {});
        let isOpen = await answered(ws, 'open');
        for (const text of opening(ticket, random.chance(WITH_SESSION))) if (isOpen) ws.send(text);
        while (isOpen) {
          ws.send(malformed(honest, random));
          ws.ping();
          isOpen = await answered(ws, 'pong');
          yield;
        }
      }
    },
  };
}

function malformed(honest: readonly string[], random: Random): string | Buffer {
  if (random.chance(0.15)) return randomBytes(random.pick([0, 1, 2, 3, 320, 321, 70_000]), random);
  return mutate(random.pick(honest), random);
}
