import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BYTES_PER_SAMPLE } from '../../contract/limits.ts';
import { parseTicketKeys } from '../../contract/ticket.ts';
import { sleep, systemClock } from '../../lib/clock.ts';
import { Random } from '../../lib/random.ts';
import { AudioLocator, Coverage } from './audio-locator.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { writeDiagnosis } from './diagnosis.ts';
import { FaultInjector, LINK_LOST_AT_STOP } from './fault-injector.ts';
import type { FaultGroup, PlannedFault } from './fault-kinds.ts';
import type { MutationName } from './mutations.ts';
import { type FaultPlan, planFaults } from './plan.ts';
import { readRecords } from './records.ts';
import { measureRecovery } from './recovery.ts';
import type { RunResult } from './report.ts';
import { loadPhrases, renderAudio, type Script, writeScript } from './script.ts';
import { Speaker, type SpeakerResult } from './speaker.ts';
import { Timeline } from './timeline.ts';
import { type SpeakerOutcome, verifySpeaker } from './verify.ts';

const CONTAINERS = 2;
/** The speakers begin one after the other, this far apart, ms. */
const STAGGER_MS = 350;
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
  stopWithinMs?: number;
  /** Probability that a phone sends a frame twice, 0 … 1. */
  repeatChance?: number | undefined;
  log?: (line: string) => void;
}

/** Lets speakers talk while the planned faults happen, then compares display, records and statistics with the scripts. */
export async function runChaos(options: RunOptions): Promise<RunResult> {
  const { seed, durationMs, speakers, dataDir, groups, mutation, log = () => {} } = options;
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  const drawn = planFaults({ seed, durationMs, speakers, containers: CONTAINERS, ...(groups && { groups }) });
  const plan = options.faults
    ? { ...drawn, faults: [...options.faults], stops: [], shortRing: undefined }
    : drawn;
  const phrases = loadPhrases();
  const scripts = Array.from({ length: speakers }, (_, i) =>
    writeScript(phrases, durationMs, new Random(`script/${seed}/${i}`)),
  );
  const timeline = new Timeline(systemClock);
  log('正在启动数据库、语音识别服务与两个容器……');
  const cluster = await startCluster({ dataDir, containers: CONTAINERS, speakers, seed, timeline, mutation });
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

const sessionIdOf = (seed: number, speaker: number): string => `chaos-${seed}-speaker-${speaker}`;
const openidOf = (speaker: number): string => `oChaos${speaker}`;

/** One run on a started cluster. */
class Run {
  readonly #init: RunInit;
  /** The audio of each speaker. */
  readonly #audio: readonly Int16Array[];
  readonly #injector: FaultInjector;
  readonly #speakers: Speaker[];
  /** The speaker whose audio an upstream connection received, by voice id. */
  readonly #speakerOf = new Map<string, number>();

  constructor(init: RunInit) {
    this.#init = init;
    const { seed, plan, scripts, cluster, timeline, stopWithinMs, repeatChance } = init;
    this.#audio = scripts.map(renderAudio);
    this.#injector = new FaultInjector(cluster, timeline);
    const keys = parseTicketKeys(cluster.ticketSecret);
    this.#speakers = this.#audio.map(
      (pcm, number) =>
        new Speaker({
          number,
          sessionId: sessionIdOf(seed, number),
          openid: openidOf(number),
          keys,
          port: cluster.clientLinks[number]?.port ?? 0,
          pcm,
          random: new Random(`client/${seed}/${number}`),
          timeline,
          stopWithinMs,
          repeatChance,
          ...(plan.shortRing?.speaker === number && { ringMs: plan.shortRing.ringMs }),
        }),
    );
  }

  /** Lets all speakers talk while the faults happen; resolves when the last session and the last fault are over. */
  async perform(): Promise<SpeakerOutcome[]> {
    const { seed, plan, scripts, timeline, cluster } = this.#init;
    timeline.begin();
    this.#injector.schedule(plan);
    const progress = setInterval(() => this.#logProgress(), PROGRESS_EVERY_MS);
    const results = await Promise.all(this.#speakers.map((speaker, i) => this.#speak(speaker, i))).finally(
      () => clearInterval(progress),
    );
    await this.#injector.finish();
    const coverage = this.#locateAudio(cluster.recordDir);
    return results.map((result, number) => ({
      number,
      openid: openidOf(number),
      sessionId: sessionIdOf(seed, number),
      script: scripts[number] as Script,
      coverage: coverage[number] as Coverage,
      mayLose: plan.shortRing?.speaker === number,
      ...result,
    }));
  }

  async #speak(speaker: Speaker, number: number): Promise<SpeakerResult> {
    await sleep(systemClock, number * STAGGER_MS);
    return speaker.run(() => {
      const fault = this.#init.plan.stops.find((stop) => stop.speaker === number);
      if (fault) this.#injector.injectAtStop(fault);
    });
  }

  /** Compares the outcomes with what is stored. */
  async evaluate(outcomes: readonly SpeakerOutcome[]): Promise<RunResult> {
    const { plan, timeline, cluster } = this.#init;
    const records = await readRecords(cluster.gatewayUrl);
    const { injected } = this.#injector;
    const faults: Record<string, number> = {};
    for (const { kind } of injected) faults[kind] = (faults[kind] ?? 0) + 1;
    const lostAtStop = timeline.entries.filter(({ what }) => what === LINK_LOST_AT_STOP).length;
    if (lostAtStop > 0) faults['client:drop-while-stopping'] = lostAtStop;
    return {
      plan,
      verdicts: outcomes.map((outcome) => verifySpeaker(outcome, records)),
      faults,
      recoveries: measureRecovery(injected, timeline.entries, this.#speakerOf),
      crashes: timeline.entries
        .filter(({ what }) => what === 'crashed')
        .map(({ who, how, lastLines }) => `${who}: ${String(how)}\n${(lastLines as string[]).join('\n')}`),
    };
  }

  /** Finds the speakers' audio in the recordings of all upstream connections. @returns the coverage of each speaker */
  #locateAudio(recordDir: string): Coverage[] {
    const locator = new AudioLocator(this.#audio);
    const coverage = this.#audio.map(({ length }) => new Coverage(length));
    for (const name of readdirSync(recordDir)) {
      const file = readFileSync(join(recordDir, name));
      const pcm = new Int16Array(file.buffer, file.byteOffset, Math.floor(file.length / BYTES_PER_SAMPLE));
      for (const run of locator.locate(pcm)) {
        coverage[run.speaker]?.add(run);
        this.#speakerOf.set(name.replace(/\.pcm$/, ''), run.speaker);
      }
    }
    return coverage;
  }

  #logProgress(): void {
    const { timeline, plan, log } = this.#init;
    const lines = this.#speakers.reduce((sum, speaker) => sum + speaker.lines.length, 0);
    const seconds = Math.round(timeline.nowMs / 1000);
    log(
      `  ${seconds} 秒 / ${Math.round(plan.durationMs / 1000)} 秒：已发生故障 ${this.#injector.injected.length} / ${plan.faults.length}，显示 ${lines} 句`,
    );
  }
}
