import { join } from 'node:path';
import { ticketFor } from '../../container/testing/local-service.ts';
import { sleep, systemClock } from '../../lib/clock.ts';
import type { LoopUsage } from '../processes/usage.ts';
import type { SinkTotals, SinkWindow } from '../sink/sink.ts';
import { SPEECH } from '../sink/stamp.ts';
import type { Quantiles } from '../statistics.ts';
import type { DialectName } from './dialects.ts';
import type { GeneratorTotals, GeneratorWindow } from './generator.ts';
import type { ClientKind } from './phone.ts';
import type { Memory } from './probe.ts';
import type { Rig, ServerUnderTest } from './rig.ts';

/** After a server, or the streams of a step, have begun: what happens once is over. */
const SETTLE_MS = 3_000;
/** What is under way when the speakers stop has arrived by then. */
const ARRIVED_WITHIN_MS = 5_000;
const LOOK_AGAIN_MS = 100;
/** A generator or sink that is later than this with one frame in a hundred, or that needs more of a core, measures itself. */
const MAX_LATE_MS = 10;
const MAX_CPU_SHARE = 0.85;
/** A server that passes on less than this of the speech is saturated: its latency has no meaning. */
const LEAST_PACE = 0.98;
const BYTES_PER_SAMPLE = 2;

/** One server with frames of one length, more and more streams. */
export interface Ramp {
  server: DialectName;
  frameMs: number;
  /** Streams at the same time, ascending. */
  steps: readonly number[];
}

export interface RampOptions {
  /** Default: `wire`. */
  clients?: ClientKind;
  windowMs: number;
  /**
   * Before the first step is measured, with its streams: code that is new runs unoptimised, and compiling it takes time that it takes
   * only once. Default: `settleMs`.
   */
  warmUpMs?: number;
  /** Before every other step. Default: {@link SETTLE_MS}. */
  settleMs?: number;
  startsPerSecond: number;
  /** Where the CPU profile of the last step goes; undefined: none is made. */
  profileFolder?: string | undefined;
}

/** Latencies in ms. */
export type Latency = Omit<Quantiles, 'count'>;

export interface Step {
  server: DialectName;
  frameMs: number;
  streams: number;
  /** Of the server's process, all threads. */
  cpuMsPerAudioSecond: number;
  /** One core, at this cost. */
  streamsPerCore: number;
  upstream: Latency;
  downstream: Latency;
  /** What the process has more than before the first stream, by stream, bytes. */
  rssPerStream: number;
  /** The same after a collection: what is alive in the heap, and in buffers (audio). */
  heapPerStream: number;
  buffersPerStream: number;
  loopLagMs: LoopUsage['lagMs'];
  /** Collections of the server's whole heap. */
  fullCollectionsPerSecond: number;
  /** Messages to the recogniser for one frame. */
  messagesPerFrame: number;
  databaseRequestsPerStreamSecond: number;
  /** Audio that arrived, of what was spoken. */
  pace: number;
  generator: { lateMs: number; cpuShare: number };
  sink: { lagMs: number; cpuShare: number };
}

export interface IdleClients {
  server: DialectName;
  clients: number;
  rssPerClient: number;
  heapPerClient: number;
}

/** @throws Error something was lost, doubled or refused, or the generator could not keep up */
export async function measureRamp(
  rig: Rig,
  { server: name, frameMs, steps }: Ramp,
  options: RampOptions,
  progress: (text: string) => void,
): Promise<Step[]> {
  const { settleMs = SETTLE_MS, warmUpMs = settleMs, clients = 'wire' } = options;
  const most = Math.max(...steps);
  const tickets = await Promise.all(Array.from({ length: most }, (_, i) => ticketFor(`oRelay${i}`)));
  const server = await rig.serve(name);
  await rig.sink.ask('reset', (frameMs * SPEECH.rateHz * BYTES_PER_SAMPLE) / 1_000);
  await rig.generator.ask('target', { url: server.url, dialect: name, clients, frameMs, tickets });
  await sleep(systemClock, settleMs);
  const before = await server.child.ask<Memory>('memory');
  const results: Step[] = [];
  let open = 0;
  try {
    for (const streams of steps) {
      progress(`${name}，${frameMs} 毫秒的帧，${streams} 路`);
      await rig.generator.ask('open', { from: open, to: streams, perSecond: options.startsPerSecond });
      open = streams;
      await sleep(systemClock, results.length === 0 ? warmUpMs : settleMs);
      const profiled = streams === most ? options.profileFolder : undefined;
      results.push(await measureStep(rig, server, { name, frameMs, streams, before, profiled }, options));
    }
    await checkArrived(rig, most, name);
  } catch (error) {
    const { problem } = await rig.generator.ask<GeneratorTotals>('totals');
    throw new Error([(error as Error).message, problem, ...server.log.slice(-5)].filter(Boolean).join('\n'));
  } finally {
    await rig.generator.ask('close');
  }
  return results;
}

interface StepSetting {
  name: DialectName;
  frameMs: number;
  streams: number;
  before: Memory;
  profiled: string | undefined;
}

async function measureStep(
  rig: Rig,
  { child }: ServerUnderTest,
  { name, frameMs, streams, before, profiled }: StepSetting,
  { windowMs }: RampOptions,
): Promise<Step> {
  const everyone = [child, rig.sink, rig.generator];
  if (profiled !== undefined) await child.ask('startProfile');
  const requestsBefore = rig.databaseRequests;
  await Promise.all(everyone.map((one) => one.ask('begin')));
  await sleep(systemClock, windowMs);
  const [used, heard, spoken] = await Promise.all([
    child.ask<LoopUsage>('end'),
    rig.sink.ask<SinkWindow>('end'),
    rig.generator.ask<GeneratorWindow>('end'),
  ]);
  const requests = rig.databaseRequests - requestsBefore;
  if (profiled !== undefined) await child.ask('stopProfile', profileFile(profiled, name, frameMs));
  const memory = await child.ask<Memory>('memory');
  const audioSeconds = (heard.frames * frameMs) / 1_000;
  const cpuMsPerAudioSecond = used.cpuMs / audioSeconds;
  return {
    server: name,
    frameMs,
    streams,
    cpuMsPerAudioSecond,
    streamsPerCore: 1_000 / cpuMsPerAudioSecond,
    upstream: latencyOf(heard.upstreamUs),
    downstream: latencyOf(spoken.downstreamUs),
    rssPerStream: (memory.rss - before.rss) / streams,
    heapPerStream: (memory.heap - before.heap) / streams,
    buffersPerStream: (memory.buffers - before.buffers) / streams,
    loopLagMs: used.lagMs,
    fullCollectionsPerSecond: (used.fullCollections * 1_000) / used.wallMs,
    messagesPerFrame: heard.messages / heard.frames,
    databaseRequestsPerStreamSecond: requests / streams / (used.wallMs / 1_000),
    pace: heard.frames / ((spoken.loop.wallMs / frameMs) * streams),
    generator: { lateMs: spoken.lateUs.p99 / 1_000, cpuShare: spoken.loop.cpuMs / spoken.loop.wallMs },
    sink: { lagMs: heard.loop.lagMs.p99, cpuShare: heard.loop.cpuMs / heard.loop.wallMs },
  };
}

export const profileFile = (folder: string, server: DialectName, frameMs: number): string =>
  join(folder, `${server}-${frameMs}.cpuprofile`);

const latencyOf = ({ p50, p95, p99, max }: Quantiles): Latency => ({
  p50: p50 / 1_000,
  p95: p95 / 1_000,
  p99: p99 / 1_000,
  max: max / 1_000,
});

/**
 * Everything that was spoken arrived, once, in order and unchanged.
 * @throws Error it did not
 */
async function checkArrived(rig: Rig, streams: number, name: DialectName): Promise<void> {
  await rig.generator.ask('pause');
  let spoken: GeneratorTotals;
  let heard: SinkTotals;
  let waitedMs = 0;
  do {
    await sleep(systemClock, LOOK_AGAIN_MS);
    waitedMs += LOOK_AGAIN_MS;
    spoken = await rig.generator.ask<GeneratorTotals>('totals');
    heard = await rig.sink.ask<SinkTotals>('totals');
  } while (heard.frames < spoken.framesSent && waitedMs < ARRIVED_WITHIN_MS);
  const problems = problemsOf(spoken, heard, { streams, name });
  if (problems.length > 0) throw new Error(`${name}：${problems.join('；')}`);
}

/** What is wrong when everything that was under way should have arrived. */
export function problemsOf(
  spoken: GeneratorTotals,
  heard: SinkTotals,
  { streams, name }: { streams: number; name: DialectName },
): string[] {
  return [
    heard.frames !== spoken.framesSent && `说出 ${spoken.framesSent} 帧，听到 ${heard.frames} 帧`,
    heard.damaged > 0 && `${heard.damaged} 帧不是原样`,
    heard.streams !== streams && `${streams} 路用了 ${heard.streams} 条识别连接`,
    name === 'published' &&
      spoken.acknowledged !== spoken.framesSent &&
      `确认了 ${spoken.acknowledged} 帧，说出 ${spoken.framesSent} 帧`,
    spoken.results === 0 && '没有一个识别结果',
    spoken.problem,
  ].filter((problem) => typeof problem === 'string');
}

/** Why a step's figures do not count; empty: they do. */
export function reasonsAgainst({ generator, sink, pace }: Step): string[] {
  return [
    generator.lateMs > MAX_LATE_MS && `生成器晚了 ${generator.lateMs.toFixed(1)} 毫秒（p99）`,
    generator.cpuShare > MAX_CPU_SHARE && `生成器用了 ${Math.round(generator.cpuShare * 100)}% 核`,
    sink.lagMs > MAX_LATE_MS && `识别替身晚了 ${sink.lagMs.toFixed(1)} 毫秒（p99）`,
    sink.cpuShare > MAX_CPU_SHARE && `识别替身用了 ${Math.round(sink.cpuShare * 100)}% 核`,
    pace < LEAST_PACE && `只传到了 ${Math.round(pace * 100)}% 的音频`,
  ].filter((reason) => reason !== false);
}

/** What a client costs that is connected and says nothing. */
export async function measureIdle(
  rig: Rig,
  name: DialectName,
  { clients, perSecond, settleMs = SETTLE_MS }: { clients: number; perSecond: number; settleMs?: number },
): Promise<IdleClients> {
  const tickets = await Promise.all(Array.from({ length: clients }, (_, i) => ticketFor(`oIdle${i}`)));
  const server = await rig.serve(name);
  await rig.generator.ask('target', { url: server.url, dialect: name, clients: 'wire', frameMs: 1, tickets });
  await sleep(systemClock, settleMs);
  const before = await server.child.ask<Memory>('memory');
  await rig.generator.ask('openIdle', { to: clients, perSecond });
  await sleep(systemClock, settleMs);
  const after = await server.child.ask<Memory>('memory');
  await rig.generator.ask('close');
  return {
    server: name,
    clients,
    rssPerClient: (after.rss - before.rss) / clients,
    heapPerClient: (after.heap - before.heap) / clients,
  };
}
