import { Encoder, type Packet, PacketType } from 'socket.io-parser';
import { beforeEach, expect, test } from 'vitest';
import { AdpcmEncoder } from '../../../../lib/ima-adpcm.ts';
import { TrafficMeter } from './traffic.ts';

const NSP = '/realtime-voice';
let meter: TrafficMeter;
beforeEach(() => {
  meter = new TrafficMeter();
  meter.add({ socket: 1, kind: 'opened' });
});

/** One packet over a socket, as Engine.IO carries it: text messages begin with 4, binary ones are as they are. */
function carry(kind: 'sent' | 'received', packet: Partial<Packet>, socket = 1): void {
  for (const part of new Encoder().encode({ nsp: NSP, type: PacketType.EVENT, ...packet } as Packet)) {
    const data = typeof part === 'string' ? `4${part}` : new Uint8Array(part).buffer;
    meter.add({ socket, kind, data });
  }
}

const start = (sessionId: string, socket = 1): void =>
  carry('sent', { data: ['start', { sessionId, sampleRate: 16_000 }], id: 7 }, socket);
const audio = (pos: number, bytes: number): void =>
  carry('sent', { data: ['audio', pos, new Uint8Array(bytes)] });
const progress = (nextPos: number, committedPos: number, sessionId = 's-1'): void =>
  carry('received', { data: ['progress', { sessionId, nextPos, committedPos }] });

test('frames, bytes and positions of a session, as they pass', () => {
  expect(meter.traffic).toBeUndefined();
  start('s-1');
  carry('received', { type: PacketType.ACK, id: 7, data: [{ nextPos: 160, committedPos: 0 }] });
  audio(160, 3_200);
  audio(1_760, 3_200);
  progress(1_760, 800);
  expect(meter.traffic).toEqual({
    ...{ sessionId: 's-1', rateHz: 16_000, frames: 2, bytes: 6_400, sentPos: 3_360 },
    ...{ receivedPos: 1_760, committedPos: 800, resumed: 0, ended: false },
  });
});

test('frames in ADPCM count their own bytes, and as many samples as they hold', () => {
  start('s-1');
  const block = new AdpcmEncoder().encode(new Int16Array(1_600));
  carry('sent', { data: ['audio', 320, block, 'adpcm'] });
  expect(meter.traffic).toMatchObject({ frames: 1, bytes: block.byteLength, sentPos: 1_920 });
});

test('the answer to another request than start tells no positions', () => {
  start('s-1');
  carry('received', { type: PacketType.ACK, id: 8, data: [{ nextPos: 160, committedPos: 160 }] });
  expect(meter.traffic).toMatchObject({ receivedPos: 0, committedPos: 0 });
});

test('what is sent again counts, and no position goes back', () => {
  start('s-1');
  audio(0, 3_200);
  progress(1_600, 1_600);
  meter.add({ socket: 1, kind: 'closed' });
  expect(meter.connected).toBe(false);
  meter.add({ socket: 2, kind: 'opened' });
  start('s-1', 2);
  carry('received', { type: PacketType.ACK, id: 7, data: [{ nextPos: 0, committedPos: 0 }] }, 2);
  carry('sent', { data: ['audio', 0, new Uint8Array(1_600)] }, 2);
  expect(meter.traffic).toMatchObject({
    resumed: 1,
    frames: 2,
    sentPos: 1_600,
    receivedPos: 1_600,
    committedPos: 1_600,
  });
});

test('the end of a session: all of it is stored; the next one begins at nothing', () => {
  start('s-1');
  audio(0, 3_200);
  carry('sent', { data: ['stop', { endPos: 1_600 }], id: 8 });
  expect(meter.traffic?.ended).toBe(true);
  carry('received', { data: ['completed', { sessionId: 's-1', sentences: 1, durationMs: 100 }] });
  expect(meter.traffic).toMatchObject({ receivedPos: 1_600, committedPos: 1_600 });
  start('s-2');
  expect(meter.traffic).toMatchObject({ sessionId: 's-2', frames: 0, committedPos: 0, ended: false });
  progress(9_000, 9_000, 's-1');
  expect(meter.traffic?.committedPos).toBe(0);
});

test('other protocols, heartbeats and broken packets are no reason to fail', () => {
  start('s-1');
  for (const data of [
    '2',
    '3probe',
    'hello',
    '4',
    '42/realtime-voice,["audio"',
    '4x',
    '451-[',
    new ArrayBuffer(3),
  ])
    meter.add({ socket: 1, kind: 'received', data });
  meter.add({ socket: 9, kind: 'sent', data: '42["audio"]' });
  expect(meter.traffic).toMatchObject({ frames: 0 });
});
