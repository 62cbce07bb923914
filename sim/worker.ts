import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { forbidRealTime } from './forbidden.ts';
import type { Violation } from './invariants.ts';
import { type Plan, type PlanOptions, planOf } from './plan.ts';
import { type RunResult, run } from './run.ts';
import { type SearchBounds, smallWorlds } from './search.ts';

/** What a worker is asked for: seeds one after another, or a plan, or several. */
export type WorkerRequest =
  | { seeds: number[]; options: PlanOptions; stopAtFirst: boolean; trace: boolean }
  | { search: SearchBounds; part: number; parts: number }
  | { planFile: string; trace: boolean }
  /** Plans come on stdin, one a line. */
  | { stdin: true };

/** What a worker prints for each run, one line of JSON. */
export interface WorkerReport {
  seed: number;
  hash: string;
  violations: Violation[];
  faults: string[];
  audioHours: number;
  hours: number;
  sessions: number;
  steps: number;
  databaseRequests: number;
  sessionMinutes: number;
  containerRequests: number;
  frames: RunResult['frames'];
  cpuMs: number;
  trace?: readonly string[];
}

/** What an error shows that nothing caught. */
const escaped = (error: unknown) => ({
  rule: 'no error escapes',
  detail: error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error),
  atMs: 0,
});

/** Runs a plan; errors that the product lets escape are violations, too. */
async function runWatched(plan: Plan, trace: boolean): Promise<Omit<RunResult, 'stored'>> {
  const errors: Violation[] = [];
  const onRejection = (error: unknown) => errors.push(escaped(error));
  const allow = forbidRealTime();
  process.on('unhandledRejection', onRejection);
  try {
    const result = await run(plan, trace);
    return { ...result, violations: [...errors, ...result.violations] };
  } catch (error) {
    const nothing = {
      hash: '',
      trace: [],
      steps: 0,
      audioHours: 0,
      hours: 0,
      databaseRequests: 0,
      sessionMinutes: 0,
      containerRequests: 0,
      frames: { pcm: 0, adpcm: 0, damaged: 0, again: 0 },
    };
    return { ...nothing, seed: plan.seed, violations: [...errors, escaped(error)] };
  } finally {
    process.off('unhandledRejection', onRejection);
    allow();
  }
}

async function report(plan: Plan, trace: boolean): Promise<WorkerReport> {
  const before = process.cpuUsage();
  const result = await runWatched(plan, trace);
  const { user, system } = process.cpuUsage(before);
  const {
    seed,
    hash,
    violations,
    audioHours,
    hours,
    steps,
    databaseRequests,
    sessionMinutes,
    containerRequests,
    frames,
  } = result;
  return {
    seed,
    hash,
    violations,
    faults: plan.faults.map(({ on, kind }) => `${on}:${kind}`),
    audioHours,
    hours,
    sessions: plan.sessions.length,
    steps,
    databaseRequests,
    sessionMinutes,
    containerRequests,
    frames,
    cpuMs: (user + system) / 1000,
    ...(trace && { trace: result.trace }),
  };
}

/** What happened, whenever it was: two runs that differ in their times only are the same course. */
function courseOf(trace: readonly string[]): string {
  const hash = createHash('sha256');
  for (const line of trace) {
    const what = line.slice(line.indexOf(' '));
    if (!what.startsWith(' FAULT')) hash.update(what.replace(/\bid-[\w-]+/g, ''));
  }
  return hash.digest('hex').slice(0, 16);
}

async function main(request: WorkerRequest): Promise<void> {
  if ('planFile' in request) {
    const saved = JSON.parse(readFileSync(request.planFile, 'utf8')) as Plan | Plan[];
    for (const plan of [saved].flat()) console.log(JSON.stringify(await report(plan, request.trace)));
    return;
  }
  if ('stdin' in request) {
    for await (const line of createInterface({ input: process.stdin }))
      console.log(JSON.stringify(await report(JSON.parse(line) as Plan, false)));
    return;
  }
  if ('search' in request) {
    let number = 0;
    for (const plan of smallWorlds(request.search))
      if (number++ % request.parts === request.part) {
        const { trace = [], ...done } = await report(plan, true);
        console.log(JSON.stringify({ ...done, hash: courseOf(trace) }));
      }
    return;
  }
  for (const seed of request.seeds) {
    const done = await report(planOf(seed, request.options), request.trace);
    console.log(JSON.stringify(done));
    if (request.stopAtFirst && done.violations.length > 0) return;
  }
}

await main(JSON.parse(process.argv[2] ?? '{}') as WorkerRequest);
