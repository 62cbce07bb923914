import { mkdirSync, rmSync } from 'node:fs';
import { sleep, systemClock } from '../../lib/clock.ts';
import { Random } from '../../lib/random.ts';
import { type Cluster, crashesIn, type Instance, startCluster } from '../chaos/cluster.ts';
import { writeDiagnosis } from '../chaos/diagnosis.ts';
import { FaultInjector } from '../chaos/fault-injector.ts';
import type { FaultPlan } from '../chaos/plan.ts';
import { readRecords } from '../chaos/records.ts';
import { type RunResult, summarise } from '../chaos/report.ts';
import { loadPhrases, type Script } from '../chaos/script.ts';
import { Speakers, STAGGER_MS } from '../chaos/speakers.ts';
import { Timeline } from '../chaos/timeline.ts';
import { isFlawless, verifySpeaker } from '../chaos/verify.ts';
import { type FaultKind, planOf } from './faults.ts';
import { measureRecovery, type Recovery, type ScreenChange } from './measure.ts';
import { reachedWords, type TimedWord, timedWordsOf } from './screen.ts';
import { type Speech, type SpeechId, writeSpeech } from './speech.ts';

/** Limit for one sentence: the recogniser's own default (Tencent Cloud 1093/48982, max_speak_time). */
const MAX_SPEAK_MS = 60_000;
/** Beyond twice the audio before the fault: to reconnect, and to see that text stays close, ms. */
const WATCH_MARGIN_MS = 20_000;
/** After the fault and its consequences screens are watched for at least this long, ms. */
const LEAST_WATCH_MS = 5_000;
/** Text is level with speech for at least this long before the fault, and the second container is ready, ms. */
const QUIET_BEFORE_MS = 2_000;
const LOOK_EVERY_MS = 250;
/** The balancer asks for each container's health four times a second. */
const ADMITTED_WITHIN_MS = 10_000;
const PROGRESS_EVERY_MS = 5_000;
/** Without an answer to `stop` within this time, which includes catching up, a session counts as failed, ms. */
const STOP_WITHIN_MS = 150_000;

/** One fault × one way of speaking. */
export interface Cell {
  kind: FaultKind;
  speech: Speech;
}

export interface CellOptions {
  /** When the fault happens, ms of the recording; a kind may have its own time. */
  atMs: number;
  sessions: number;
  seed: number;
  /** Emptied first; afterwards it holds the run's data, logs and diagnosis. */
  dataDir: string;
  log: (line: string) => void;
}

/** What a cell's sessions showed. */
export interface CellResult {
  kind: string;
  speech: SpeechId;
  atMs: number;
  /** One per session. */
  recoveries: Recovery[];
  words: number;
  lost: number;
  doubled: number;
  /** How often the recogniser said 4000 though it was not planned: the machine was too busy for the pace of 2×. */
  tooFast: number;
  /** What else was not as promised, or made the run no measurement; empty: nothing. */
  problems: string[];
}

/** Runs one cell on processes of its own: sessions talk, the fault happens, and they stop when text has caught up everywhere. */
export async function runCell(cell: Cell, options: CellOptions): Promise<CellResult> {
  const { dataDir, sessions, seed } = options;
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  const timeline = new Timeline(systemClock);
  const cluster = await startCluster({
    dataDir,
    containers: 2,
    speakers: sessions,
    seed,
    maxSpeakMs: MAX_SPEAK_MS,
    timeline,
  });
  try {
    return await new CellRun(cell, options, cluster, timeline).perform();
  } finally {
    await cluster.stop();
    // as large as all that was said
    rmSync(cluster.recordDir, { recursive: true, force: true });
  }
}

/** One run on a started cluster. */
class CellRun {
  readonly #cell: Cell;
  readonly #options: CellOptions;
  readonly #cluster: Cluster;
  readonly #timeline: Timeline;
  readonly #atMs: number;
  readonly #plan: FaultPlan;
  readonly #injector: FaultInjector;
  readonly #speakers: Speakers;
  /** Of each script. */
  #words: readonly TimedWord[][];
  readonly #changes: ScreenChange[][];
  readonly #problems: string[] = [];

  constructor(cell: Cell, options: CellOptions, cluster: Cluster, timeline: Timeline) {
    const { sessions, seed } = options;
    const { kind, speech } = cell;
    this.#cell = cell;
    this.#options = options;
    this.#cluster = cluster;
    this.#timeline = timeline;
    this.#atMs = kind.atMs ?? options.atMs;
    const durationMs = this.#atMs + kind.lastsMs + this.#watchMs;
    const staggerMs = (sessions - 1) * STAGGER_MS;
    this.#plan = planOf(kind, this.#atMs, { sessions, staggerMs, durationMs, seed });
    const phrases = loadPhrases();
    const scripts: Script[] = Array.from({ length: sessions }, (_, i) =>
      writeSpeech(speech, phrases, durationMs, new Random(`recovery/${seed}/${i}`)),
    );
    this.#words = scripts.map(timedWordsOf);
    this.#changes = scripts.map(() => []);
    this.#injector = new FaultInjector(cluster, timeline);
    this.#speakers = new Speakers({
      seed,
      scripts,
      timeline,
      cluster,
      stopWithinMs: STOP_WITHIN_MS,
      repeatChance: 0,
      voiceOptionsOf: (speaker) => ({ wordTimes: speaker % 2 === 0 }),
      onLines: (speaker, lines) => this.#screenChanged(speaker, lines),
    });
  }

  async perform(): Promise<CellResult> {
    const { kind, speech } = this.#cell;
    await this.#admitSecond(false);
    this.#timeline.begin();
    this.#injector.schedule(this.#plan);
    const progress = setInterval(() => this.#logProgress(), PROGRESS_EVERY_MS);
    const [results] = await Promise.all([this.#speakers.talk(), this.#supervise()]).finally(() =>
      clearInterval(progress),
    );
    const until = this.#timeline.nowMs;
    await this.#injector.finish();
    const counts = await this.#asrCounts();
    this.#checkFaultHappened(counts);
    const outcomes = this.#speakers.outcomesOf(results);
    const records = await readRecords(this.#cluster.gatewayUrl);
    const result: RunResult = {
      plan: this.#plan,
      verdicts: outcomes.map((outcome) => verifySpeaker(outcome, records)),
      faults: {},
      recoveries: {},
      crashes: crashesIn(this.#timeline),
    };
    writeDiagnosis(this.#options.dataDir, result, outcomes, this.#timeline);
    const { words, lost, duplicated } = summarise(result);
    return {
      kind: kind.id,
      speech: speech.id,
      atMs: this.#atMs,
      recoveries: this.#recoveriesUntil(until),
      words,
      lost,
      doubled: duplicated,
      tooFast: (counts.codes[4000] ?? 0) - (kind.id === '4000' ? this.#options.sessions : 0),
      problems: [...this.#problems, ...problemsOf(result)],
    };
  }

  /** How long after the fault's end text is waited for. */
  get #watchMs(): number {
    const { kind } = this.#cell;
    return kind.watchMs ?? this.#atMs + kind.lastsMs + WATCH_MARGIN_MS;
  }

  /** The instance that all sessions begin on, and the one that takes them over. */
  get #instances(): readonly [Instance, Instance] {
    const { instances } = this.#cluster;
    return [instances[0] as Instance, instances[1] as Instance];
  }

  /** Whether the second container gets sessions; resolves when the balancer knows. */
  async #admitSecond(admitted: boolean): Promise<void> {
    const [, second] = this.#instances;
    second.ingress.refuseNew(!admitted);
    // its health is asked over a connection that is kept
    if (!admitted) second.ingress.drop();
    const deadline = performance.now() + ADMITTED_WITHIN_MS;
    while (this.#cluster.takesNew(second) !== admitted) {
      if (performance.now() > deadline) throw new Error('the balancer does not notice the second container');
      await pause();
    }
  }

  #screenChanged(speaker: number, lines: readonly { text: string }[]): void {
    const reached = reachedWords(this.#words[speaker] ?? [], lines);
    this.#changes[speaker]?.push({ t: this.#timeline.nowMs, reached });
  }

  /** Admits the second container once all sessions are on the first; ends the recordings once text has caught up. */
  async #supervise(): Promise<void> {
    const firstFaultAt = Math.min(...this.#faultTimes);
    while (this.#timeline.nowMs < firstFaultAt - QUIET_BEFORE_MS && !this.#allOnFirst) await pause();
    if (!this.#allOnFirst)
      this.#problems.push('before the fault not all sessions were on the first container');
    await this.#admitSecond(true);
    if (this.#timeline.nowMs >= firstFaultAt)
      this.#problems.push('the fault came before the second container');
    const over = Math.max(...this.#faultTimes) + this.#cell.kind.lastsMs;
    const latest = over + this.#watchMs;
    while (
      this.#timeline.nowMs < latest &&
      !(this.#timeline.nowMs >= over + LEAST_WATCH_MS && this.#caughtUp)
    )
      await pause();
    this.#speakers.endSoon();
    this.#words = this.#speakers.scripts.map(timedWordsOf);
  }

  get #allOnFirst(): boolean {
    const [first] = this.#instances;
    const speakers = new Set(
      first.ingress.connections.map(({ label }) => label).filter((label) => label !== ''),
    );
    return speakers.size === this.#options.sessions;
  }

  get #caughtUp(): boolean {
    return this.#recoveriesUntil(this.#timeline.nowMs).every(({ caughtUpMs }) => caughtUpMs !== undefined);
  }

  /** When the fault happens to each session, ms of the timeline. */
  get #faultTimes(): number[] {
    const planned = this.#plan.faults[0]?.atMs;
    const { beganAtMs } = this.#speakers;
    return beganAtMs.map((beganAt, i) => planned ?? (beganAt ?? i * STAGGER_MS) + this.#atMs);
  }

  #recoveriesUntil(until: number): Recovery[] {
    const { beganAtMs, recordedMs } = this.#speakers;
    const faultTimes = this.#faultTimes;
    return this.#words.map((words, i) =>
      measureRecovery({
        words,
        changes: this.#changes[i] ?? [],
        beganAt: beganAtMs[i] ?? 0,
        recordedMs: recordedMs[i] ?? 0,
        faultAt: faultTimes[i] ?? 0,
        until,
      }),
    );
  }

  /** A fault that did not meet every session is no measurement. */
  #checkFaultHappened({ codes, faults }: AsrCounts): void {
    const { sessions } = this.#options;
    const [streamFault] = this.#plan.firstStreams ?? [];
    const met = streamFault
      ? streamFault.kind === 'code'
        ? codes[streamFault.code]
        : faults[streamFault.kind]
      : this.#injector.injected.reduce(
          (sum, { affected, voiceIds }) => sum + Math.max(affected.length, voiceIds.length),
          0,
        );
    if ((met ?? 0) < sessions) this.#problems.push(`the fault met ${met ?? 0} of ${sessions} sessions`);
  }

  async #asrCounts(): Promise<AsrCounts> {
    const response = await fetch(`${this.#cluster.asrUrl}/_local/stats`);
    return (await response.json()) as AsrCounts;
  }

  #logProgress(): void {
    const { log } = this.#options;
    const seconds = Math.round(this.#timeline.nowMs / 1000);
    const faultAt = Math.round(Math.max(...this.#faultTimes) / 1000);
    const done = this.#recoveriesUntil(this.#timeline.nowMs).filter(
      ({ caughtUpMs }) => caughtUpMs !== undefined,
    );
    const state =
      seconds < faultAt ? `${faultAt} 秒时发生故障` : `追上 ${done.length} / ${this.#options.sessions}`;
    log(`  ${seconds} 秒：${state}，显示 ${this.#speakers.shownLines} 句`);
  }
}

/** What the recogniser counts, see local/asr/stats.ts. */
interface AsrCounts {
  codes: Record<string, number>;
  faults: Record<string, number>;
}

const pause = (): Promise<void> => sleep(systemClock, LOOK_EVERY_MS);

/** What was not as promised, words apart. */
function problemsOf({ verdicts, crashes }: RunResult): string[] {
  const wrong = verdicts.filter((verdict) => !isFlawless(verdict));
  return [
    ...wrong.map(
      ({ number, failure }) => `session ${number} was not served as promised${failure ? `: ${failure}` : ''}`,
    ),
    ...crashes.map((crash) => `a process ended by itself: ${crash}`),
  ];
}
