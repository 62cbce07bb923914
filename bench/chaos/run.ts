import { mkdirSync, rmSync } from 'node:fs';
import { systemClock } from '../../lib/clock.ts';
import { Random } from '../../lib/random.ts';
import type { VoiceOptions } from '../../miniprogram/voice/session/voice-session.types.ts';
import { type Cluster, crashesIn, startCluster } from './cluster.ts';
import { writeDiagnosis } from './diagnosis.ts';
import { FaultInjector, type InjectedFault, LINK_LOST_AT_STOP } from './fault-injector.ts';
import type { FaultGroup, PlannedFault } from './fault-kinds.ts';
import type { MutationName } from './mutations.ts';
import { type FaultPlan, planFaults } from './plan.ts';
import { readRecords, type StoredRecords } from './records.ts';
import { measureRecovery } from './recovery.ts';
import type { RunResult } from './report.ts';
import { loadPhrases, type Script, writeScript } from './script.ts';
import { Speakers } from './speakers.ts';
import { Timeline, type TimelineEntry } from './timeline.ts';
import { type SpeakerOutcome, verifySpeaker } from './verify.ts';

const CONTAINERS = 2;
/** Limit for one sentence; long hurried sections of a script exceed it. */
const MAX_SPEAK_MS = 20_000;
const PROGRESS_EVERY_MS = 5_000;
/** Probability that a phone sends a frame twice, unless a trial says otherwise. */
const REPEAT_CHANCE = 0.08;
const STOP_WITHIN_MS = 150_000;

export interface RunOptions {
  seed: number;
  durationMs: number;
  speakers: number;
  /** Emptied first; afterwards it holds the run's data, logs and diagnosis. */
  dataDir: string;
  /** Only faults of these groups; default: all. */
  groups?: readonly FaultGroup[];
  /** Builds the container with one of its rules removed. */
  mutation?: MutationName | undefined;
  /** These faults instead of the seed's. */
  faults?: readonly PlannedFault[];
  /** With `faults`: the phone that keeps little audio. */
  shortRing?: FaultPlan['shortRing'];
  stopWithinMs?: number;
  /** Default: two. */
  containers?: number;
  /** Probability that a phone sends a frame twice, 0 … 1. */
  repeatChance?: number | undefined;
  log?: (line: string) => void;
}

/** The result of a run, what it was made from, and what happened. */
export interface ChaosResult extends RunResult {
  scripts: readonly Script[];
  records: StoredRecords;
  injected: readonly InjectedFault[];
  events: readonly TimelineEntry[];
}

/** Lets speakers talk while the planned faults happen, then compares display, records and statistics with the scripts. */
export async function runChaos(options: RunOptions): Promise<ChaosResult> {
  const { seed, durationMs, speakers, dataDir, groups, mutation, log = () => {} } = options;
  const { containers = CONTAINERS } = options;
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  const drawn = planFaults({ seed, durationMs, speakers, containers, ...(groups && { groups }) });
  const plan = options.faults
    ? { ...drawn, faults: [...options.faults], stops: [], shortRing: options.shortRing }
    : drawn;
  const phrases = loadPhrases();
  const scripts = Array.from({ length: speakers }, (_, i) =>
    writeScript(phrases, durationMs, new Random(`script/${seed}/${i}`)),
  );
  const timeline = new Timeline(systemClock);
  log(`正在启动数据库、语音识别服务与 ${containers} 个容器……`);
  const cluster = await startCluster({
    dataDir,
    containers,
    speakers,
    seed,
    maxSpeakMs: MAX_SPEAK_MS,
    timeline,
    mutation,
  });
  try {
    const run = new Run({
      seed,
      stopWithinMs: options.stopWithinMs ?? STOP_WITHIN_MS,
      repeatChance: options.repeatChance ?? REPEAT_CHANCE,
      plan,
      scripts,
      timeline,
      cluster,
      log,
    });
    const outcomes = await run.perform();
    const result = await run.evaluate(outcomes);
    writeDiagnosis(dataDir, result, outcomes, timeline);
    return result;
  } finally {
    await cluster.stop();
  }
}

interface RunInit {
  seed: number;
  stopWithinMs: number;
  repeatChance: number;
  plan: FaultPlan;
  scripts: readonly Script[];
  timeline: Timeline;
  cluster: Cluster;
  log: (line: string) => void;
}

/** Half of the speakers ask for word times and shorter sentences. */
const voiceOptionsOf = (speaker: number): VoiceOptions =>
  speaker % 2 === 0 ? { wordTimes: true, silenceMs: 500 } : {};

/** One run on a started cluster. */
class Run {
  readonly #init: RunInit;
  readonly #injector: FaultInjector;
  readonly #speakers: Speakers;

  constructor(init: RunInit) {
    this.#init = init;
    const { plan, cluster, timeline } = init;
    this.#injector = new FaultInjector(cluster, timeline);
    this.#speakers = new Speakers({ ...init, shortRing: plan.shortRing, voiceOptionsOf });
  }

  /** Lets all speakers talk while the faults happen; resolves when the last session and the last fault are over. */
  async perform(): Promise<SpeakerOutcome[]> {
    const { plan, timeline } = this.#init;
    timeline.begin();
    this.#injector.schedule(plan);
    const progress = setInterval(() => this.#logProgress(), PROGRESS_EVERY_MS);
    const results = await this.#speakers
      .talk((speaker) => this.#stopped(speaker))
      .finally(() => clearInterval(progress));
    await this.#injector.finish();
    return this.#speakers.outcomesOf(results);
  }

  #stopped(speaker: number): void {
    const fault = this.#init.plan.stops.find((stop) => stop.speaker === speaker);
    if (fault) this.#injector.injectAtStop(fault);
  }

  /** Compares the outcomes with what is stored. */
  async evaluate(outcomes: readonly SpeakerOutcome[]): Promise<ChaosResult> {
    const { plan, scripts, timeline, cluster } = this.#init;
    const records = await readRecords(cluster.gatewayUrl);
    const { injected } = this.#injector;
    const faults: Record<string, number> = {};
    for (const { kind } of injected) faults[kind] = (faults[kind] ?? 0) + 1;
    const lostAtStop = timeline.entries.filter(({ what }) => what === LINK_LOST_AT_STOP).length;
    if (lostAtStop > 0) faults['client:drop-while-stopping'] = lostAtStop;
    return {
      plan,
      scripts,
      records,
      injected,
      events: timeline.entries,
      verdicts: outcomes.map((outcome) => verifySpeaker(outcome, records)),
      faults,
      recoveries: measureRecovery(injected, timeline.entries, this.#speakers.speakerOf),
      crashes: crashesIn(timeline),
    };
  }

  #logProgress(): void {
    const { timeline, plan, log } = this.#init;
    const seconds = Math.round(timeline.nowMs / 1000);
    log(
      `  ${seconds} 秒 / ${Math.round(plan.durationMs / 1000)} 秒：已发生故障 ${this.#injector.injected.length} / ${plan.faults.length}，显示 ${this.#speakers.shownLines} 句`,
    );
  }
}
