import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { buildWorker } from './build.ts';
import { simMutationPlugin } from './mutations.ts';
import { planOf } from './plan.ts';
import { runWorker, sweep } from './sweep.ts';
import type { WorkerReport } from './worker.ts';

const options = { sessions: 4, hours: 0.05 };
const request = { options, stopAtFirst: true, trace: false };

async function reportsOf(file: string, first: number, count: number): Promise<WorkerReport[]> {
  const reports: WorkerReport[] = [];
  await sweep(file, { ...request, stopAtFirst: false }, { first, count }, (report) => reports.push(report));
  return reports.sort((a, b) => a.seed - b.seed);
}

describe('the simulation', () => {
  it('breaks no rule, and runs the same seeds in the same way each time', async () => {
    const file = await buildWorker('test');
    const first = await reportsOf(file, 1, 24);
    const again = await reportsOf(file, 1, 24);
    expect(first.flatMap(({ seed, violations }) => violations.map((one) => ({ seed, ...one })))).toEqual([]);
    expect(again.map(({ hash }) => hash)).toEqual(first.map(({ hash }) => hash));
    expect(new Set(first.map(({ hash }) => hash)).size).toBe(24);
  });

  it('breaks no rule with seeds that nobody has run before', async () => {
    const file = await buildWorker('test');
    const firstSeed = Math.floor(Math.random() * 1e9);
    const reports = await reportsOf(file, firstSeed, 12);
    expect(reports.flatMap(({ seed, violations }) => violations.map((one) => ({ seed, ...one })))).toEqual(
      [],
    );
  });

  it('breaks no rule in any world of one recording, one takeover and one failed database request', async () => {
    const file = await buildWorker('test');
    const bounds = {
      requests: 24,
      dropEveryMs: 600,
      orderEveryMs: 400,
      overtaken: 24,
      overtakenTwice: 6,
    };
    const broken: unknown[] = [];
    let worlds = 0;
    const parts = availableParallelism();
    const count = (report: WorkerReport) => {
      worlds += 1;
      if (report.violations.length > 0) broken.push({ world: worlds, ...report.violations[0] });
    };
    await Promise.all(
      Array.from({ length: parts }, (_, part) => runWorker(file, { search: bounds, part, parts }, count)),
    );
    console.log(`${worlds} worlds`);
    expect(broken).toEqual([]);
    expect(worlds).toBe(24 * 6 * 13);
  });

  it('draws the same plan for the same seed, and another one for another', () => {
    expect(planOf(7, options)).toEqual(planOf(7, options));
    expect(planOf(7, options)).not.toEqual(planOf(8, options));
  });
});

describe('a rule that is removed is noticed', () => {
  it.each([
    ['replay', 120],
    ['trimming', 60],
    ['fencing', 60],
    ['commit', 20],
    ['sequence', 60],
    ['frozen', 60],
  ])('%s', async (name, seeds) => {
    const file = await buildWorker(`test-without-${name}`, [simMutationPlugin(name)]);
    const failures: WorkerReport[] = [];
    const onReport = (report: WorkerReport) => {
      if (report.violations.length > 0) failures.push(report);
    };
    await sweep(
      file,
      { ...request, options: { sessions: 6, hours: 0.1 } },
      { first: 1, count: seeds },
      onReport,
      () => failures.length > 0,
    );
    expect(failures.length).toBeGreaterThan(0);
  });
});

it('a worker that fails says why', async () => {
  const file = await buildWorker('test');
  await expect(runWorker(file, { planFile: '/nowhere', trace: false }, () => {})).rejects.toThrow('ENOENT');
});
