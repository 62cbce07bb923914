import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { buildWorker } from './build.ts';
import { planOf } from './plan.ts';
import { smallWorlds } from './search.ts';
import { runWorker, sweep } from './sweep.ts';
import type { WorkerReport } from './worker.ts';

const options = { sessions: 4, hours: 0.05 };
const request = { options, stopAtFirst: false, trace: false };
const TEST_TIMEOUT_MS = 240_000;

/** Seeds that are run twice. */
const SAME_SEEDS = 50;

async function reportsOf(file: string, first: number, count: number): Promise<WorkerReport[]> {
  const reports: WorkerReport[] = [];
  await sweep(file, request, { first, count }, (report) => reports.push(report));
  return reports.sort((a, b) => a.seed - b.seed);
}

describe('the simulation', () => {
  it('breaks no rule, and runs the same seeds in the same way each time', {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    const file = await buildWorker('test');
    const first = await reportsOf(file, 1, SAME_SEEDS);
    const again = await reportsOf(file, 1, SAME_SEEDS);
    expect(first.flatMap(({ seed, violations }) => violations.map((one) => ({ seed, ...one })))).toEqual([]);
    expect(again.map(({ hash }) => hash)).toEqual(first.map(({ hash }) => hash));
    expect(new Set(first.map(({ hash }) => hash)).size).toBe(SAME_SEEDS);
    // audio goes in both encodings, some of it damaged, some again in the other one
    for (const kind of ['pcm', 'adpcm', 'damaged', 'again'] as const)
      expect(first.reduce((sum, { frames }) => sum + frames[kind], 0)).toBeGreaterThan(20);
  });

  it('breaks no rule with seeds that nobody has run before', { timeout: TEST_TIMEOUT_MS }, async () => {
    const file = await buildWorker('test');
    const firstSeed = Math.floor(Math.random() * 1e9);
    const reports = await reportsOf(file, firstSeed, 12);
    expect(reports.flatMap(({ seed, violations }) => violations.map((one) => ({ seed, ...one })))).toEqual(
      [],
    );
  });

  it('breaks no rule in any small world: one takeover, a failed request, deliveries in another order', {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
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
    const courses = new Set<string>();
    const parts = availableParallelism();
    const count = (report: WorkerReport) => {
      worlds += 1;
      courses.add(report.hash);
      if (report.violations.length > 0) broken.push({ world: worlds, ...report.violations[0] });
    };
    await Promise.all(
      Array.from({ length: parts }, (_, part) => runWorker(file, { search: bounds, part, parts }, count)),
    );
    console.log(`${worlds} worlds, ${courses.size} different courses`);
    expect(broken).toEqual([]);
    expect(worlds).toBe([...smallWorlds(bounds)].length);
    expect(courses.size).toBeGreaterThan(500);
  });

  it('draws the same plan for the same seed, and another one for another', () => {
    expect(planOf(7, options)).toEqual(planOf(7, options));
    expect(planOf(7, options)).not.toEqual(planOf(8, options));
  });
});

it('a worker that fails says why', async () => {
  const file = await buildWorker('test');
  await expect(runWorker(file, { planFile: '/nowhere', trace: false }, () => {})).rejects.toThrow('ENOENT');
});
