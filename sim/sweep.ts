import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import type { WorkerReport, WorkerRequest } from './worker.ts';

/** Seeds that a worker gets at once: a process of its own bounds what memory can pile up. */
const SEEDS_PER_WORKER = 20;

/** Starts a worker and reads its reports. @throws Error where it ends otherwise than well */
export async function runWorker(
  file: string,
  request: WorkerRequest,
  onReport: (report: WorkerReport) => void,
  onStart: (child: ChildProcess) => void = () => {},
): Promise<void> {
  const child = spawn(process.execPath, ['--enable-source-maps', file, JSON.stringify(request)], {
    stdio: ['ignore', 'pipe', 'pipe'],
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
 * @param next the next seed, or undefined where there is none
 * @returns when all have run, or `isOver()`
 */
export async function sweep(
  file: string,
  request: Omit<Extract<WorkerRequest, { seeds: number[] }>, 'seeds'>,
  seeds: { first: number; count: number },
  onReport: (report: WorkerReport) => void,
  isOver: () => boolean = () => false,
): Promise<void> {
  let next = seeds.first;
  const end = seeds.first + seeds.count;
  const children = new Set<ChildProcess>();
  const lane = async (): Promise<void> => {
    while (next < end && !isOver()) {
      const from = next;
      next = Math.min(end, next + SEEDS_PER_WORKER);
      const own = Array.from({ length: next - from }, (_, i) => from + i);
      const onEach = (report: WorkerReport) => {
        onReport(report);
        if (isOver()) for (const child of children) child.kill();
      };
      let started: ChildProcess | undefined;
      await runWorker(file, { ...request, seeds: own }, onEach, (child) => {
        started = child;
        children.add(child);
      });
      if (started) children.delete(started);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
}
