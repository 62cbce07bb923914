import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { systemClock, withTimeout } from '../lib/clock.ts';
import { Deferred } from '../lib/deferred.ts';
import type { Plan, PlanOptions } from './plan.ts';
import type { WorkerReport, WorkerRequest } from './worker.ts';

/**
 * Seeds that a worker gets at once. Its code is optimised while it runs, so that its first twenty take half again as long as
 * later ones; that it ends bounds what memory can pile up.
 */
const SEEDS_PER_WORKER = { least: 20, most: 150 };
const SEEDS_PER_SEARCH = { least: 1, most: 4 };

/** A worker that runs one plan after the other. */
export interface PlanRunner {
  /** @returns undefined where it takes too long */
  run(plan: Plan): Promise<WorkerReport | undefined>;
  stop(): void;
}

/** A run that takes longer than this is given up, ms. */
const PLAN_RUNS_MS = 30_000;

/** @throws Error from `run` where the worker ends otherwise than well */
export function startPlanRunner(file: string): PlanRunner {
  let child: ChildProcess | undefined;
  let answer = new Deferred<WorkerReport>();
  const start = (): void => {
    const onStart = (started: ChildProcess) => {
      child = started;
    };
    runWorker(file, { stdin: true }, (report) => answer.resolve(report), onStart).catch((error) =>
      answer.reject(error),
    );
  };
  const stop = (): void => {
    child?.kill();
    child = undefined;
  };
  return {
    stop,
    async run(plan) {
      answer = new Deferred();
      if (!child) start();
      child?.stdin?.write(`${JSON.stringify(plan)}\n`);
      const tooLong = () => new TooLong();
      try {
        return await withTimeout(answer.promise, systemClock, PLAN_RUNS_MS, tooLong);
      } catch (error) {
        if (!(error instanceof TooLong)) throw error;
        stop();
        return undefined;
      }
    },
  };
}

class TooLong extends Error {}

/** Starts a worker and reads its reports. @throws Error where it ends otherwise than well */
export async function runWorker(
  file: string,
  request: WorkerRequest,
  onReport: (report: WorkerReport) => void,
  onStart: (child: ChildProcess) => void = () => {},
): Promise<void> {
  const child = spawn(process.execPath, ['--enable-source-maps', file, JSON.stringify(request)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onStart(child);
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  createInterface({ input: child.stdout }).on('line', (line) => onReport(JSON.parse(line) as WorkerReport));
  await new Promise<void>((resolve, reject) => {
    child.on('close', (code) => {
      if (code === 0 || child.killed) resolve();
      else reject(new Error(`a worker ended with ${code}: ${errors.slice(-2_000)}`));
    });
  });
}

/**
 * Runs many seeds on all cores.
 * @param isOver whether runs from this seed on are of no more interest: asked before and after each
 * @returns when all that are of interest have run
 */
export async function sweep(
  file: string,
  request: Omit<Extract<WorkerRequest, { seeds: number[] }>, 'seeds'>,
  seeds: { first: number; count: number },
  onReport: (report: WorkerReport) => void,
  isOver: (seed: number) => boolean = () => false,
): Promise<void> {
  let next = seeds.first;
  const end = seeds.first + seeds.count;
  const lanes = availableParallelism();
  // Where the first failure is looked for, all cores work on the lowest seeds.
  const { least, most } = request.stopAtFirst ? SEEDS_PER_SEARCH : SEEDS_PER_WORKER;
  // At first half of what a core has to do, then half of the rest, and so on: all cores end at about the same time.
  const leastShare = Math.min(least, Math.ceil(seeds.count / lanes));
  const share = (): number => Math.max(leastShare, Math.min(most, Math.ceil((end - next) / (2 * lanes))));
  const lane = async (): Promise<void> => {
    while (next < end && !isOver(next)) {
      const from = next;
      next = Math.min(end, next + share());
      const own = Array.from({ length: next - from }, (_, i) => from + i);
      let child: ChildProcess | undefined;
      const onEach = (report: WorkerReport) => {
        onReport(report);
        if (isOver(report.seed + 1)) child?.kill();
      };
      await runWorker(file, { ...request, seeds: own }, onEach, (started) => {
        child = started;
      });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** The lowest of these seeds with which a rule is broken; undefined: with none. */
export async function firstFailure(
  file: string,
  options: PlanOptions,
  seeds: { first: number; count: number },
  onReport: (report: WorkerReport) => void = () => {},
): Promise<WorkerReport | undefined> {
  let first: WorkerReport | undefined;
  const keep = (report: WorkerReport) => {
    onReport(report);
    if (report.violations.length > 0 && report.seed < (first?.seed ?? Number.POSITIVE_INFINITY))
      first = report;
  };
  const request = { options, stopAtFirst: true, trace: false };
  await sweep(file, request, seeds, keep, (seed) => first !== undefined && seed >= first.seed);
  return first;
}
