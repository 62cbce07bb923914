import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BYTES_PER_SAMPLE } from '../../contract/limits.ts';
import { parseTicketKeys } from '../../contract/ticket.ts';
import { Random } from '../../lib/random.ts';
import type { BreakName } from './breaks.ts';
import { writeDiagnosis } from './diagnosis.ts';
import type { FaultGroup, PlannedFault } from './fault-kinds.ts';
import { Coverage, SourceIndex } from './heard.ts';
import { Injector } from './injector.ts';
import { isFlawless, judge, type SpeakerVerdict } from './judge.ts';
import { loadPhrases } from './phrases.ts';
import { type Plan, planFaults } from './plan.ts';
import { readRecords } from './records.ts';
import { measureRecovery, type Recoveries } from './recovery.ts';
import { type Script, writeScript } from './script.ts';
import { Speaker } from './speaker.ts';
import { Timeline } from './timeline.ts';
import { speak } from './voice.ts';
import { startWorld, type World } from './world.ts';

const CONTAINERS = 2;
/** Speakers begin one after the other, ms apart. */
const STAGGER_MS = 350;
const PROGRESS_EVERY_MS = 5_000;
/** How often a phone sends a frame again, unless a trial says otherwise. */
const REPEAT_CHANCE = 0.08;
const STOP_WITHIN_MS = 150_000;

export interface RunOptions {
  seed: number;
  durationMs: number;
  speakers: number;
  /** Emptied first; everything of the run is there afterwards. */
  dataDir: string;
  groups?: readonly FaultGroup[];
  broken?: BreakName | undefined;
  /** Instead of the seed's own faults. */
  faults?: readonly PlannedFault[];
  stopWithinMs?: number;
  /** How often a phone sends a frame again. */
  repeatChance?: number | undefined;
  say?: (line: string) => void;
}

export interface RunResult {
  plan: Plan;
  verdicts: SpeakerVerdict[];
  /** Faults that took place, by kind. */
  faults: Record<string, number>;
  recoveries: Recoveries;
  crashes: string[];
}

/** Lets speakers talk while the plan's faults happen, and compares what came of it. */
export async function runChaos(options: RunOptions): Promise<RunResult> {
  const { seed, durationMs, speakers, dataDir, groups, broken, say = () => {} } = options;
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  const drawn = planFaults({ seed, durationMs, speakers, containers: CONTAINERS, ...(groups && { groups }) });
  const plan = options.faults ? { ...drawn, faults: [...options.faults], stops: [] } : drawn;
  const phrases = loadPhrases();
  const scripts = Array.from({ length: speakers }, (_, i) =>
    writeScript(phrases, durationMs, new Random(`script/${seed}/${i}`)),
  );
  const voices = scripts.map((script, i) => speak(script, i));
  const timeline = new Timeline();
  say('正在启动数据库、语音识别服务与两个容器……');
  const world = await startWorld({ dataDir, containers: CONTAINERS, speakers, seed, timeline, broken });
  try {
    const run = new Run({
      seed,
      stopWithinMs: options.stopWithinMs ?? STOP_WITHIN_MS,
      repeatChance: options.repeatChance ?? REPEAT_CHANCE,
      plan,
      scripts,
      voices,
      timeline,
      world,
      say,
    });
    const result = await run.go();
    writeDiagnosis(dataDir, { result, scripts, run: run.evidence, timeline });
    return result;
  } finally {
    await world.stop();
  }
}

/** Whether every speaker was served as promised, and no process ended by itself. */
export const isClean = ({ verdicts, crashes }: RunResult): boolean =>
  crashes.length === 0 && verdicts.every(isFlawless);

interface Stage {
  seed: number;
  stopWithinMs: number;
  repeatChance: number;
  plan: Plan;
  scripts: readonly Script[];
  voices: readonly Int16Array[];
  timeline: Timeline;
  world: World;
  say: (line: string) => void;
}

/** One run on a world that is up. */
class Run {
  readonly #stage: Stage;
  readonly #injector: Injector;
  readonly #speakers: Speaker[];
  evidence: Parameters<typeof judge>[0][] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
    const { seed, world, timeline, voices, stopWithinMs, repeatChance } = stage;
    this.#injector = new Injector(world, timeline);
    const keys = parseTicketKeys(world.ticketSecret);
    this.#speakers = voices.map(
      (pcm, number) =>
        new Speaker({
          number,
          sessionId: `chaos-${seed}-speaker-${number}`,
          openid: `oChaos${number}`,
          keys,
          port: world.clientLinks[number]?.port ?? 0,
          pcm,
          random: new Random(`client/${seed}/${number}`),
          timeline,
          stopWithinMs,
          repeatChance,
        }),
    );
  }

  async go(): Promise<RunResult> {
    const { seed, plan, scripts, voices, timeline, world } = this.#stage;
    timeline.begin();
    this.#injector.schedule(plan);
    const progress = setInterval(() => this.#sayProgress(), PROGRESS_EVERY_MS);
    const spoken = await Promise.all(
      this.#speakers.map(async (speaker, i) => {
        await new Promise((done) => setTimeout(done, i * STAGGER_MS));
        return speaker.speak(() => {
          const fault = plan.stops.find((stop) => stop.speaker === i);
          if (fault) this.#injector.atStop(fault);
        });
      }),
    ).finally(() => clearInterval(progress));
    await this.#injector.finish();

    const records = await readRecords(world.gatewayUrl);
    const heard = listen(world.recordDir, voices);
    this.evidence = spoken.map(({ lines, lossMs, failure }, number) => ({
      number,
      openid: `oChaos${number}`,
      sessionId: `chaos-${seed}-speaker-${number}`,
      script: scripts[number] as Script,
      lines,
      lossMs,
      failure,
      heard: heard.coverage[number] as Coverage,
    }));
    const faults: Record<string, number> = {};
    for (const { kind } of this.#injector.injected) faults[kind] = (faults[kind] ?? 0) + 1;
    const stopsStruck = timeline.entries.filter(({ what }) => what === 'link lost while stopping').length;
    if (stopsStruck > 0) faults['client:drop-while-stopping'] = stopsStruck;
    return {
      plan,
      verdicts: this.evidence.map((evidence) => judge(evidence, records)),
      faults,
      recoveries: measureRecovery(this.#injector.injected, timeline.entries, heard.speakerOf),
      crashes: timeline.entries
        .filter(({ what }) => what === 'crashed')
        .map(({ who, how, lastLines }) => `${who}: ${String(how)}\n${(lastLines as string[]).join('\n')}`),
    };
  }

  #sayProgress(): void {
    const { timeline, plan, say } = this.#stage;
    const lines = this.#speakers.reduce((sum, speaker) => sum + speaker.lines.length, 0);
    const seconds = Math.round(timeline.nowMs / 1000);
    say(
      `  ${seconds} 秒 / ${Math.round(plan.durationMs / 1000)} 秒：已发生故障 ${this.#injector.injected.length} / ${plan.faults.length}，显示 ${lines} 句`,
    );
  }
}

/** Finds the speakers' audio in all recordings. */
function listen(recordDir: string, voices: readonly Int16Array[]) {
  const index = new SourceIndex(voices);
  const coverage = voices.map(({ length }) => new Coverage(length));
  const speakerOf = new Map<string, number>();
  for (const name of readdirSync(recordDir)) {
    const file = readFileSync(join(recordDir, name));
    const pcm = new Int16Array(file.buffer, file.byteOffset, Math.floor(file.length / BYTES_PER_SAMPLE));
    for (const run of index.locate(pcm)) {
      coverage[run.speaker]?.add(run);
      speakerOf.set(name.replace(/\.pcm$/, ''), run.speaker);
    }
  }
  return { coverage, speakerOf };
}
