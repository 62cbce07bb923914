import { fileURLToPath } from 'node:url';
import { ticketFor } from '../../container/testing/local-service.ts';
import { BYTES_PER_SAMPLE, msToSamples } from '../../contract/limits.ts';
import { sleep, systemClock } from '../../lib/clock.ts';
import { ClockControl } from '../clock/clock-control.ts';
import type { GeneratorTotals } from '../relay/generator.ts';
import { Rig } from '../relay/rig.ts';
import type { SinkTotals } from '../sink/sink.ts';
import { SPEECH } from '../sink/stamp.ts';
import type { CountLimits, Waste } from './limits.ts';
import type { ServerCounts } from './probe.ts';

/** A frame as a phone's recorder gives it. */
const FRAME_MS = 128;
const STREAMS = 4;
/** Nothing that is counted depends on it: time does not pass while a process is late. */
const SPEED = 20;
/** Before it is counted: code is compiled, and what happens once is over. ms of audio. */
const WARM_UP_MS = 20_000;
const COUNTED_MS = 60_000;
const LOOK_EVERY_MS = 50;
const MINUTE_MS = 60_000;
const PROBE = fileURLToPath(new URL('./probe.ts', import.meta.url));

export interface CountsOptions {
  folder: string;
  waste?: readonly Waste[];
  progress?: (what: string) => void;
}

/** What a container with its default settings does for four people who speak. @throws Error a frame was lost or changed */
export async function measureCounts(options: CountsOptions): Promise<CountLimits> {
  const { folder, waste = [], progress = () => {} } = options;
  progress('构建并启动');
  const clock = new ClockControl(SPEED);
  const rig = await Rig.start({
    folder,
    nodeArgs: [],
    maxStreams: STREAMS,
    clock,
    preload: { counter: PROBE },
    env: { DB_WRITES_PER_SECOND: undefined, MAX_SESSIONS: undefined, COUNTS_WASTE: waste.join(',') },
  });
  try {
    return await count(rig, clock, progress);
  } finally {
    await rig.stop();
  }
}

async function count(rig: Rig, clock: ClockControl, progress: (what: string) => void): Promise<CountLimits> {
  const { sink, generator } = rig;
  const { child, url } = await rig.serve('container');
  const tickets = await Promise.all(Array.from({ length: STREAMS }, (_, i) => ticketFor(`oCounted${i}`)));
  await sink.ask('reset', msToSamples(FRAME_MS, SPEECH.rateHz) * BYTES_PER_SAMPLE);
  await generator.ask('target', { url, dialect: 'container', frameMs: FRAME_MS, tickets });
  await generator.ask('open', { from: 0, to: STREAMS, perSecond: 10 });
  const heard = async (ms: number): Promise<number> => {
    for (;;) {
      const { frames, damaged } = await sink.ask<SinkTotals>('totals');
      const { problem } = await generator.ask<GeneratorTotals>('totals');
      if (problem !== undefined || damaged > 0) throw new Error(problem ?? `${damaged} 帧不是原样`);
      if (frames * FRAME_MS >= ms * STREAMS) break;
      await sleep(systemClock, LOOK_EVERY_MS);
    }
    await clock.stop();
    return (await sink.ask<SinkTotals>('totals')).frames;
  };
  progress('热身');
  const framesBefore = await heard(WARM_UP_MS);
  const requestsBefore = rig.databaseRequests;
  progress('计数');
  await child.ask('startCounting');
  clock.run();
  const frames = (await heard(WARM_UP_MS + COUNTED_MS)) - framesBefore;
  const counts = await child.ask<ServerCounts>('stopCounting');
  const requests = rig.databaseRequests - requestsBefore;
  clock.run();
  const audioSeconds = (frames * FRAME_MS) / 1_000;
  return {
    upstreamWritesPerAudioSecond: (counts.toPort[rig.asrPort] ?? 0) / audioSeconds,
    clientWritesPerAudioSecond: counts.toClients / audioSeconds,
    allocatedBytesPerFrame: counts.allocatedBytes / frames,
    databaseRequestsPerSessionMinute: requests / ((frames * FRAME_MS) / MINUTE_MS),
  };
}
