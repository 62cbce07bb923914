import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { Progress } from '../../tools/progress.ts';
import type { Leak } from './leaks.ts';
import { describeSoak, formatSoak } from './report.ts';
import { LONG_SESSION, MANY_STREAMS, QUICK, runSoak, type SoakPlan, type SoakResult } from './soak.ts';

/** Time stands still while a process waits for a core, so on a busy machine a soak takes longer. */
const QUICK_TIMEOUT_MS = 600_000;
const FULL_TIMEOUT_MS = 2 * 3_600_000;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-soak-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function soak(plan: SoakPlan, leak?: Leak): Promise<SoakResult> {
  const progress = new Progress(systemClock, (line) => console.error(line));
  const options = { folder, ...(leak && { leak }), progress: (what: string) => progress.step(what) };
  const result = await runSoak(plan, options).finally(() => progress.end());
  if (process.env.FULL) console.log(`${describeSoak(result)}\n${formatSoak([result])}`);
  return result;
}

test(
  'phones that lose their connections and begin new sessions leave nothing behind, and nothing grows',
  async () => {
    const { problems, totals } = await soak(QUICK);
    expect(problems).toEqual([]);
    expect(totals.drops).toBeGreaterThan(QUICK.streams);
    expect(totals.ended).toBe(totals.begun);
    expect(totals.sentences).toBeGreaterThan(QUICK.streams);
  },
  QUICK_TIMEOUT_MS,
);

// Without FULL these are not declared: a minute, two minutes, and half an hour.
if (process.env.FULL) {
  test.each([
    ['listener', '监听器'],
    ['entry', '集合的条目'],
    ['timer', '计时器'],
  ] as const)(
    'a %s too many for each connection is noticed',
    async (leak, what) => {
      const { grown } = await soak(QUICK, leak);
      expect(grown.map((one) => one.what)).toContain(what);
    },
    QUICK_TIMEOUT_MS,
  );

  test.each([LONG_SESSION, MANY_STREAMS])(
    'nothing grows with time: $name',
    async (plan) => {
      const { problems, totals } = await soak(plan);
      expect(problems).toEqual([]);
      expect(totals.ended).toBe(totals.begun);
    },
    FULL_TIMEOUT_MS,
  );
}
