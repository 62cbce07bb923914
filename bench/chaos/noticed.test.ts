import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BREAK_NAMES, type BreakName } from './breaks.ts';
import { type Summary, summarise } from './report.ts';
import { runChaos } from './run.ts';
import { TRIALS } from './trials.ts';

/** A product with a rule missing may never come to its end. */
const STOP_WITHIN_MS = 20_000;
const TEST_TIMEOUT_MS = 180_000;

async function outcomeOf(name: BreakName, broken: BreakName | undefined): Promise<Summary> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chaos-'));
  try {
    const result = await runChaos({
      ...TRIALS[name],
      dataDir,
      broken,
      stopWithinMs: STOP_WITHIN_MS,
    });
    return summarise(result);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

const wrong = ({ lost, duplicated, reordered, displayedDiffers }: Summary): number =>
  lost + duplicated + reordered + displayedDiffers;

test.concurrent.each(BREAK_NAMES)(
  'a run notices that %s is missing',
  { timeout: TEST_TIMEOUT_MS },
  async (name) => {
    expect(wrong(await outcomeOf(name, name))).toBeGreaterThan(0);
  },
);
