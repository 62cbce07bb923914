import { readFileSync } from 'node:fs';
import { forbidRealTime } from './forbidden.ts';
import { type Plan, type PlanOptions, planOf } from './plan.ts';
import { run } from './run.ts';
import { type SearchBounds, smallWorlds } from './search.ts';

/** What a worker is asked for: seeds one after another, or a plan, or several. */
export type WorkerRequest =
  | { seeds: number[]; options: PlanOptions; stopAtFirst: boolean; trace: boolean }
  | { search: SearchBounds; part: number; parts: number }
  | { planFile: string; trace: boolean };

/** What a worker prints for each run, one line of JSON. */
export interface WorkerReport {
  seed: number;
  hash: string;
  violations: { rule: string; detail: string; atMs: number }[];
  faults: string[];
  audioHours: number;
  hours: number;
  sessions: number;
  steps: number;
  databaseRequests: number;
  sessionMinutes: number;
  containerRequests: number;
  cpuMs: number;
  trace?: readonly string[];
}

async function report(plan: Plan, trace: boolean): Promise<WorkerReport> {
  const before = process.cpuUsage();
  const allow = forbidRealTime();
  const result = await run(plan, trace).finally(allow);
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
    cpuMs: (user + system) / 1000,
    ...(trace && { trace: result.trace }),
  };
}

async function main(request: WorkerRequest): Promise<void> {
  if ('planFile' in request) {
    const saved = JSON.parse(readFileSync(request.planFile, 'utf8')) as Plan | Plan[];
    for (const plan of [saved].flat()) console.log(JSON.stringify(await report(plan, request.trace)));
    return;
  }
  if ('search' in request) {
    let number = 0;
    for (const plan of smallWorlds(request.search))
      if (number++ % request.parts === request.part) console.log(JSON.stringify(await report(plan, false)));
    return;
  }
  for (const seed of request.seeds) {
    const done = await report(planOf(seed, request.options), request.trace);
    console.log(JSON.stringify(done));
    if (request.stopAtFirst && done.violations.length > 0) return;
  }
}

await main(JSON.parse(process.argv[2] ?? '{}') as WorkerRequest);
