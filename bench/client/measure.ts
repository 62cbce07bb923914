import { setTimeout as delay } from 'node:timers/promises';
import type { Contender, Name } from './contenders.ts';

/** Measurements of each client and case; the median is reported. */
const ROUNDS = 151;
const BATCHES = 5;
const BATCH = 200;
const EVENTS = BATCHES * BATCH;
/** 40 ms of audio at 16 kHz. */
const FRAME_BYTES = 1280;

const frame = new ArrayBuffer(FRAME_BYTES);
const HEADER = '451-["audio",1280,{"_placeholder":true,"num":0}]';

/** Waits for a macrotask; weapp.socket.io sends what waits in it from a timer. Waiting costs no CPU time. */
async function sent(wire: Contender['wire'], binaries: number): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  while (wire.binaries < binaries) await delay(1);
}

/** Each returns the number of events that were delivered. */
const CASES = {
  async emit({ wire, client }: Contender): Promise<number> {
    const before = wire.binaries;
    for (let batch = 1; batch <= BATCHES; batch++) {
      for (let i = 0; i < BATCH; i++) client.emit('audio', 1280, frame);
      await sent(wire, before + batch * BATCH);
    }
    return wire.binaries - before;
  },
  async emitAck({ wire, client }: Contender): Promise<number> {
    const before = wire.binaries;
    let answers = 0;
    const onAnswer = (): void => {
      answers++;
    };
    for (let batch = 1; batch <= BATCHES; batch++) {
      for (let i = 0; i < BATCH; i++) client.emit('audio', 1280, frame, onAnswer);
      await sent(wire, before + batch * BATCH);
      wire.acknowledge(BATCH);
      // The official client calls back in a microtask.
      await sent(wire, 0);
    }
    return answers;
  },
  async receive({ wire, client }: Contender): Promise<number> {
    let received = 0;
    const onAudio = (): void => {
      received++;
    };
    client.on('audio', onAudio);
    for (let batch = 0; batch < BATCHES; batch++) {
      for (let i = 0; i < BATCH; i++) {
        wire.deliver(HEADER);
        wire.deliver(frame);
      }
      await sent(wire, 0);
    }
    client.off('audio', onAudio);
    return received;
  },
};
export type Case = keyof typeof CASES;

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** CPU time of one round per event, ns. @throws Error where frames or answers are missing */
async function round(name: Case, contender: Contender): Promise<number> {
  const { wire } = contender;
  const { texts, binaries } = wire;
  if (name === 'emitAck') wire.prepare(EVENTS);
  const start = process.cpuUsage();
  const delivered = await CASES[name](contender);
  const { user, system } = process.cpuUsage(start);
  const frames = [wire.texts - texts, wire.binaries - binaries].join();
  const expected = (name === 'receive' ? [0, 0] : [EVENTS, EVENTS]).join();
  if (delivered !== EVENTS) throw new Error(`${name}：${delivered} 个事件，应为 ${EVENTS}`);
  if (frames !== expected) throw new Error(`${name}：发出 ${frames} 帧，应为 ${expected}`);
  return ((user + system) * 1000) / EVENTS;
}

/** Ns per event, median of the rounds. The clients alternate, so that other load on the machine affects all of them. */
export async function compare(
  name: Case,
  contenders: Record<Name, Contender>,
): Promise<Record<Name, number>> {
  const rounds: Record<Name, number[]> = { ours: [], official: [], weapp: [], none: [] };
  for (let i = 0; i <= ROUNDS; i++)
    for (const [who, contender] of Object.entries(contenders) as [Name, Contender][]) {
      const ns = await round(name, contender);
      // The first round warms up.
      if (i > 0) rounds[who].push(ns);
    }
  const result = { ours: 0, official: 0, weapp: 0, none: 0 };
  for (const who of Object.keys(rounds) as Name[]) result[who] = Math.round(median(rounds[who]));
  return result;
}
