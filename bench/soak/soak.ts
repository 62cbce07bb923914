import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SECRET } from '../../container/testing/local-service.ts';
import { sleep, systemClock } from '../../lib/clock.ts';
import { readHeap } from './census.ts';
import { type Counts, type Growth, growthOf, leftOf, type Slack, slopeOf } from './growth.ts';
import type { Leak } from './leaks.ts';
import type { PhonesPlan, PhonesTotals } from './phones.ts';
import type { Held } from './probe.ts';
import { type SoakRig, startSoakRig } from './rig.ts';

/** How long, and how many. */
export interface SoakPlan {
  name: string;
  streams: number;
  /** What each stream says, ms of audio. */
  audioMs: number;
  /** How much faster than real time. */
  speed: number;
  dropEveryMs: number | null;
  absenceMs: number;
  sessionMs: number | null;
}

const MINUTE_MS = 60_000;
/** A meeting of two hours that nothing disturbs. */
export const LONG_SESSION: SoakPlan = {
  name: '两小时的会话',
  streams: 1,
  audioMs: 120 * MINUTE_MS,
  speed: 60,
  dropEveryMs: null,
  absenceMs: 0,
  sessionMs: null,
};
/** Many phones whose connections are lost all the time, and whose sessions end. */
export const MANY_STREAMS: SoakPlan = {
  name: '200 路，不断掉线',
  streams: 200,
  audioMs: 30 * MINUTE_MS,
  speed: 1,
  dropEveryMs: 20_000,
  absenceMs: 14_000,
  sessionMs: 4 * MINUTE_MS,
};
/** The same within seconds. */
export const QUICK: SoakPlan = {
  name: '8 路，不断掉线（一分钟）',
  streams: 8,
  audioMs: MINUTE_MS,
  speed: 30,
  dropEveryMs: 1_500,
  absenceMs: 4_000,
  sessionMs: 20_000,
};

/**
 * The same plan for another time. Sessions end in proportion: until the first of them have ended, all of them grow, and what they hold
 * grows with them.
 */
export const lasting = (plan: SoakPlan, audioMs: number): SoakPlan => ({
  ...plan,
  audioMs,
  sessionMs: plan.sessionMs && (plan.sessionMs * audioMs) / plan.audioMs,
});

/** What the container held at one time. */
export interface Checkpoint {
  /** Audio that each stream had spoken, ms. */
  audioMs: number;
  counts: Counts;
  /** After a collection. */
  heapBytes: number;
  rssBytes: number;
}

export interface SoakResult {
  plan: SoakPlan;
  totals: PhonesTotals;
  /** Before the first stream. */
  before: Checkpoint;
  /** At a quarter, at half, and at the end. */
  during: readonly [Checkpoint, Checkpoint, Checkpoint];
  /** All streams have ended. */
  after: Checkpoint;
  /** Of the second half; of an hour of audio. */
  rssBytesPerHour: number;
  grown: Growth[];
  left: Growth[];
  /** Wall time. */
  tookMs: number;
  /** What was not as promised. */
  problems: string[];
}

export interface SoakOptions {
  folder: string;
  leak?: Leak | undefined;
  progress?: (what: string) => void;
}

const SHARES = [0.25, 0.5, 1] as const;
const LOOK_EVERY_MS = 500;
const TELL_EVERY_MS = 10_000;
/** After the last session has ended, its sockets and requests have gone by then, ms of real time. */
const GONE_WITHIN_MS = 20_000;
const SLACK: Slack = { least: 20, share: 0.05 };
/** What heap may grow by in the second half, of what it is, and the least that counts, bytes. */
const HEAP_SLACK: Slack = { least: 1_000_000, share: 0.05 };
/** With fewer streams what came with them cannot be told from what was loaded once. */
const LEAST_STREAMS = 4;
const HOUR_MS = 3_600_000;

export async function runSoak(plan: SoakPlan, options: SoakOptions): Promise<SoakResult> {
  const { folder, leak, progress = () => {} } = options;
  const { streams, speed } = plan;
  progress('构建并启动');
  const rig = await startSoakRig({ folder, speed, streams, leak });
  try {
    return await new Soak(plan, rig, folder, progress).run();
  } catch (error) {
    throw new Error([(error as Error).message, ...rig.log.slice(-5)].join('\n'));
  } finally {
    await rig.stop();
  }
}

class Soak {
  readonly #plan: SoakPlan;
  readonly #rig: SoakRig;
  readonly #folder: string;
  readonly #progress: (what: string) => void;
  readonly #startedMs = performance.now();
  readonly #rss: { x: number; y: number }[] = [];
  #totals: PhonesTotals | undefined;

  constructor(plan: SoakPlan, rig: SoakRig, folder: string, progress: (what: string) => void) {
    this.#plan = plan;
    this.#rig = rig;
    this.#folder = folder;
    this.#progress = (what) => progress(`${plan.name}：${what}`);
  }

  async run(): Promise<SoakResult> {
    const { streams, dropEveryMs, absenceMs, sessionMs } = this.#plan;
    const { phones, url } = this.#rig;
    const before = await this.#checkpoint(0);
    this.#progress('会话开始');
    const plan: PhonesPlan = { url, secret: SECRET, streams, dropEveryMs, absenceMs, sessionMs };
    await phones.ask('begin', plan);
    const during: Checkpoint[] = [];
    let reached = 0;
    for (const share of SHARES) {
      // from here: what was said while all settled is not part of it
      await this.#spoken(this.#spokenMs + (share - reached) * this.#plan.audioMs);
      reached = share;
      this.#progress(`${share * 100}%，数对象`);
      await phones.ask('settle');
      await this.#until(({ settled }) => settled);
      during.push(await this.#checkpoint(this.#spokenMs));
      await phones.ask('goOn');
    }
    await phones.ask('settle');
    await this.#until(({ settled }) => settled);
    await phones.ask('end');
    await this.#until(({ over }) => over);
    const after = await this.#gone(before);
    return this.#result(before, during as unknown as SoakResult['during'], after);
  }

  /** Audio that each stream has spoken, ms. */
  get #spokenMs(): number {
    return (this.#totals?.spokenMs ?? 0) / this.#plan.streams;
  }

  async #spoken(audioMs: number): Promise<void> {
    const { container } = this.#rig;
    let tellAtMs = performance.now();
    await this.#until(async ({ live, drops, begun }) => {
      this.#rss.push({ x: this.#spokenMs, y: await container.ask<number>('rss') });
      if (performance.now() < tellAtMs) return this.#spokenMs >= audioMs;
      tellAtMs = performance.now() + TELL_EVERY_MS;
      const minutes = (this.#spokenMs / MINUTE_MS).toFixed(1);
      this.#progress(`每路说了 ${minutes} 分钟，${live} 路在说，掉线 ${drops} 次，${begun} 个会话`);
      return this.#spokenMs >= audioMs;
    });
  }

  /** @throws Error a phone has failed, or lost audio */
  async #until(holds: (totals: PhonesTotals) => boolean | Promise<boolean>): Promise<void> {
    for (;;) {
      this.#totals = await this.#rig.phones.ask<PhonesTotals>('totals');
      const [problem] = this.#totals.problems;
      if (problem !== undefined) throw new Error(problem);
      if (await holds(this.#totals)) return;
      await sleep(systemClock, LOOK_EVERY_MS);
    }
  }

  /** Time stands still meanwhile: to walk the heap takes longer than a client waits for an answer. */
  async #checkpoint(audioMs: number): Promise<Checkpoint> {
    const { container, clock } = this.#rig;
    await clock.stop();
    try {
      const file = join(this.#folder, `${Math.round(audioMs)}.heapsnapshot`);
      const rssBytes = await container.ask<number>('rss');
      const timers = await container.ask<number>('timers');
      const { listeners, entries, elements, sockets, resources } = await container.ask<Held>('held');
      await container.ask('snapshot', file);
      const { census, bytes } = await readHeap(file);
      await rm(file);
      const held = {
        计时器: timers,
        监听器: listeners,
        集合的条目: entries,
        数组的元素: elements,
        套接字: sockets,
      };
      const alive = Object.entries(resources).map(([type, count]) => [`资源 ${type}`, count] as const);
      const counts = { ...census, ...held, ...Object.fromEntries(alive) };
      return { audioMs, counts, heapBytes: bytes, rssBytes };
    } finally {
      clock.run();
    }
  }

  /** The last checkpoint: once what came with the streams is gone, or does not go. */
  async #gone(before: Checkpoint): Promise<Checkpoint> {
    const { container } = this.#rig;
    this.#progress('等会话离开');
    const until = performance.now() + GONE_WITHIN_MS;
    const most = before.counts.套接字 ?? 0;
    while ((await container.ask<Held>('held')).sockets > most && performance.now() < until)
      await sleep(systemClock, LOOK_EVERY_MS);
    return this.#checkpoint(this.#spokenMs);
  }

  async #result(before: Checkpoint, during: SoakResult['during'], after: Checkpoint): Promise<SoakResult> {
    const plan = this.#plan;
    const totals = await this.#rig.phones.ask<PhonesTotals>('totals');
    const [quarter, half, whole] = during;
    const counts = [quarter.counts, half.counts, whole.counts] as const;
    const heaps = during.map(({ heapBytes }) => ({ 堆: heapBytes })) as unknown as typeof counts;
    const grown = [...growthOf(counts, SLACK), ...growthOf(heaps, HEAP_SLACK)];
    const left =
      plan.streams < LEAST_STREAMS ? [] : leftOf(before.counts, half.counts, after.counts, plan.streams);
    const secondHalf = this.#rss.filter(({ x }) => x >= half.audioMs);
    const problems = [
      ...totals.problems,
      ...grown.map(({ what, counts: [a, b, c] }) => `${what} 一直在增加：${a} → ${b} → ${c}`),
      ...left.map(({ what, counts: [a, b, c] }) => `会话都结束了，${what} 还在：${a} → ${b} → ${c}`),
      ...this.#rig.log.filter((line) => line.includes('MaxListenersExceededWarning')),
    ];
    const rssBytesPerHour = slopeOf(secondHalf) * HOUR_MS;
    const tookMs = performance.now() - this.#startedMs;
    return { plan, totals, before, during, after, rssBytesPerHour, grown, left, tookMs, problems };
  }
}
