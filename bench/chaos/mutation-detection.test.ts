import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MUTATION_NAMES, MUTATION_TRIALS, type MutationName } from './mutations.ts';
import { type Summary, summarise } from './report.ts';
import { runChaos } from './run.ts';

/** A container without one of its rules may never answer `stop`. */
const STOP_WITHIN_MS = 20_000;
/**
 * The faults happen at times of the real clock, between ends of sentences: where the machine is too busy, the sentences end later, and
 * the run says nothing of the rule.
 */
const RUNS = 3;
const TEST_TIMEOUT_MS = 360_000;

async function summaryOf(name: MutationName): Promise<Summary> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chaos-'));
  try {
    const result = await runChaos({
      ...MUTATION_TRIALS[name],
      dataDir,
      mutation: name,
      stopWithinMs: STOP_WITHIN_MS,
    });
    return summarise(result);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

const errorsIn = ({ lost, duplicated, reordered, displayedDiffers }: Summary): number =>
  lost + duplicated + reordered + displayedDiffers;

test.concurrent.each(MUTATION_NAMES)(
  'a run reports that %s is missing',
  { timeout: TEST_TIMEOUT_MS },
  async (name) => {
    let errors = 0;
    for (let run = 1; run <= RUNS && errors === 0; run++) errors = errorsIn(await summaryOf(name));
    expect(errors).toBeGreaterThan(0);
  },
);
