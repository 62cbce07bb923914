import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server as Engine, type Socket as EngineSocket } from 'engine.io';
import fc from 'fast-check';
import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { NAMESPACE } from '../../../contract/stream.ts';
import { AudioPackets, audioPositionOf } from './audio-packets.ts';

const PCM = Buffer.from([1, 2, 3, 4]);
/** As Socket.IO writes it, behind Engine.IO's 4. */
const textOf = (data: unknown[], { id, nsp = NAMESPACE }: { id?: number; nsp?: string } = {}): string => {
  const [text] = new Encoder().encode({ type: PacketType.EVENT, nsp, data, ...(id !== undefined && { id }) });
  return `4${text}`;
};
const positionIn = (text: string): number | undefined => audioPositionOf(Buffer.from(text));

/** What Socket.IO itself makes of a text and the attachment behind it; undefined: it refuses them. */
function decoded(text: string): Packet | undefined {
  const decoder = new Decoder();
  let packet: Packet | undefined;
  decoder.on('decoded', (one: Packet) => {
    packet = one;
  });
  try {
    decoder.add(text.slice(1));
    decoder.add(PCM);
  } catch {
    return undefined;
  }
  return packet;
}

describe('a packet', () => {
  it('with audio is recognised, wherever the audio begins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 15 - 1 }), (pos) => {
        expect(positionIn(textOf(['audio', pos, PCM]))).toBe(pos);
      }),
    );
  });

  it.each([
    ['of another event', textOf(['skip', 0, PCM])],
    ['that asks for an acknowledgement', textOf(['audio', 0, PCM], { id: 7 })],
    ['of another namespace', textOf(['audio', 0, PCM], { nsp: '/' })],
    ['with an encoding', textOf(['audio', 0, PCM, 'adpcm'])],
    ['without a position', textOf(['audio', PCM])],
    ['with two attachments', textOf(['audio', 0, PCM, PCM])],
    ['with Base64', textOf(['audio', 0, 'AAAA'])],
    ['before the first sample', textOf(['audio', -1, PCM])],
    ['within a sample', textOf(['audio', 0.5, PCM])],
    ['at a position that is no safe integer', textOf(['audio', 2 ** 53, PCM])],
    ['that is cut off', textOf(['audio', 0, PCM]).slice(0, -1)],
    ['that is empty', ''],
  ])('%s goes the usual way', (_what, text) => {
    expect(positionIn(text)).toBeUndefined();
  });

  it('is never taken for audio that Socket.IO takes for something else', () => {
    const part = fc.constantFrom(
      ...['451-', NAMESPACE, ',', '["audio",', ']', '{"_placeholder":true,"num":0}'],
      ...['0', '00', '7', '12', ' ', '-', '.5', 'e3', '"adpcm"'],
    );
    const likely = fc.tuple(
      fc.constant(`451-${NAMESPACE},["audio",`),
      fc.array(part, { maxLength: 3 }),
      fc.constant(',{"_placeholder":true,"num":0}]'),
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 9 }).map((parts) => parts.join('')),
      likely.map(([head, middle, tail]) => head + middle.join('') + tail),
    );
    fc.assert(
      fc.property(text, (packet) => {
        const pos = positionIn(packet);
        if (pos === undefined) return;
        expect(decoded(packet)).toEqual({
          type: PacketType.EVENT,
          nsp: NAMESPACE,
          data: ['audio', pos, PCM],
        });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a connection', () => {
  let http: Server;
  let engine: Engine;
  let client: WebSocket;
  let connection: EngineSocket;
  let audio: AudioPackets;
  let arrivals: EventEmitter;
  /** In the order of arrival: what Engine.IO passes on, and the audio that does not go through it. */
  let arrived: (string | Buffer | [pos: number, pcm: Buffer])[];
  const take = (pos: number, pcm: Buffer): void => note([pos, Buffer.from(pcm)]);

  function note(one: (typeof arrived)[number]): void {
    arrived.push(one);
    arrivals.emit('one');
  }

  async function connect(query = 'EIO=4'): Promise<void> {
    const { port } = http.address() as AddressInfo;
    const opened = once(engine, 'connection') as Promise<[EngineSocket]>;
    client = new WebSocket(`ws://127.0.0.1:${port}/engine.io/?${query}&transport=websocket`);
    client.on('error', () => {});
    [[connection]] = await Promise.all([opened, once(client, 'open')]);
    const { socket } = connection.transport as unknown as { socket: WebSocket };
    audio = new AudioPackets(connection, socket);
    // as Socket.IO does, a tick later
    connection.on('data', (data: string | Buffer) => process.nextTick(note, data));
  }

  /** Sends all of it in one piece, so that it arrives within one tick. */
  function send(...messages: (string | Buffer)[]): void {
    const { _socket: socket } = client as unknown as { _socket: { cork(): void; uncork(): void } };
    socket.cork();
    for (const message of messages) client.send(message);
    socket.uncork();
  }

  async function arrive(count: number): Promise<typeof arrived> {
    while (arrived.length < count) await once(arrivals, 'one');
    return arrived;
  }

  beforeEach(async () => {
    arrivals = new EventEmitter();
    arrived = [];
    http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    engine = new Engine({ transports: ['websocket'], allowEIO3: true, pingInterval: 60_000 });
    engine.attach(http);
  });

  afterEach(() => {
    client.terminate();
    engine.close();
    http.closeAllConnections();
    http.close();
  });

  const [first, second] = [textOf(['audio', 0, PCM]), textOf(['audio', 2, PCM])];
  const skip = textOf(['skip', { fromPos: 0, toPos: 2 }]);
  const isMessage = (text: string): string => text.slice(1);

  it('hands audio over, past Engine.IO', async () => {
    await connect();
    audio.handTo(take);
    send(first, PCM, second, PCM);
    expect(await arrive(2)).toEqual([
      [0, PCM],
      [2, PCM],
    ]);
  });

  it('leaves it to Engine.IO before that is asked for, and after it has ended', async () => {
    await connect();
    send(first, PCM);
    await arrive(2);
    audio.handTo(take)();
    send(second, PCM);
    expect(await arrive(4)).toEqual([isMessage(first), PCM, isMessage(second), PCM]);
  });

  it('is handed to the newest, whoever ends', async () => {
    await connect();
    const end = audio.handTo(() => note('the former'));
    audio.handTo(take);
    end();
    send(first, PCM);
    expect(await arrive(1)).toEqual([[0, PCM]]);
  });

  it('does not let audio overtake what was sent before it', async () => {
    await connect();
    audio.handTo(take);
    send(skip, second, PCM);
    expect(await arrive(3)).toEqual([isMessage(skip), isMessage(second), PCM]);
    send(first, PCM);
    expect((await arrive(4))[3]).toEqual([0, PCM]);
  });

  it('keeps the attachment of another event apart from audio', async () => {
    await connect();
    audio.handTo(take);
    const other = textOf(['other', PCM]);
    send(other);
    await arrive(1);
    send(first, PCM);
    expect(await arrive(3)).toEqual([isMessage(other), isMessage(first), PCM]);
  });

  it('leaves it to Socket.IO to refuse audio whose attachment does not come', async () => {
    await connect();
    audio.handTo(take);
    send(first, skip);
    expect(await arrive(2)).toEqual([isMessage(first), isMessage(skip)]);
  });

  it('shows Engine.IO one packet after a ping, by which it knows that the client is there', async () => {
    await connect();
    audio.handTo(take);
    const packets: string[] = [];
    connection.on('packet', ({ type }: { type: string }) => packets.push(type));
    (connection as unknown as { sendPacket(type: string): void }).sendPacket('ping');
    send(first, PCM);
    await arrive(2);
    expect(packets).toEqual(['message', 'message']);
    send(second, PCM);
    expect((await arrive(3))[2]).toEqual([2, PCM]);
  });

  it('of the older protocol, which marks attachments, is left as it is', async () => {
    await connect('EIO=3');
    audio.handTo(take);
    send(first, Buffer.concat([Buffer.from([4]), PCM]));
    expect(await arrive(2)).toEqual([isMessage(first), PCM]);
  });

  it('that is closing hands nothing over', async () => {
    await connect();
    audio.handTo(take);
    const closed = once(client, 'close');
    connection.close();
    send(first, PCM);
    await closed;
    expect(arrived).toEqual([]);
  });
});
