import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { measureIdle, measureRamp } from './measure.ts';
import { Rig } from './rig.ts';

const STREAMS = 2;
/** Long enough for a first result: the recogniser says one after 400 ms of audio. */
const options = { windowMs: 1_500, settleMs: 300, startsPerSecond: 10 };
let folder: string;
let rig: Rig;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-relay-'));
  rig = await Rig.start({ folder, nodeArgs: [], maxStreams: STREAMS });
});

afterAll(async () => {
  await rig.stop();
  await rm(folder, { recursive: true, force: true });
});

test.each(['relay', 'socketio', 'published', 'container'] as const)(
  'two streams through %s: every frame arrives once and as it was sent, results come back',
  async (server) => {
    const ramp = { server, frameMs: 40, steps: [1, STREAMS] };
    // rejects where a frame is missing, doubled or changed
    const [one, two] = await measureRamp(rig, ramp, options, () => {});
    expect([one?.streams, two?.streams]).toEqual([1, STREAMS]);
    expect(two?.cpuMsPerAudioSecond).toBeGreaterThan(0);
    expect(two?.upstream.p50).toBeGreaterThan(0);
    expect(two?.downstream.p50).toBeGreaterThan(0);
    expect(two?.messagesPerFrame).toBe(1);
  },
);

test.each(['socketio', 'published', 'container'] as const)(
  'the official client says the same to %s, in frames of another length',
  async (server) => {
    const ramp = { server, frameMs: 64, steps: [STREAMS] };
    const [step] = await measureRamp(rig, ramp, { ...options, clients: 'official' }, () => {});
    expect(step?.downstream.p50).toBeGreaterThan(0);
    expect(step?.messagesPerFrame).toBe(1);
  },
);

test('clients without a session are counted', async () => {
  const settings = { clients: 20, perSecond: 100, settleMs: 300 };
  const { clients, heapPerClient } = await measureIdle(rig, 'container', settings);
  expect(clients).toBe(20);
  expect(heapPerClient).toBeGreaterThan(0);
});
