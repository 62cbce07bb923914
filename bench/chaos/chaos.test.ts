import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { summarise } from './report.ts';
import { runChaos } from './run.ts';

const TEST_TIMEOUT_MS = 240_000;

test('whatever fails meanwhile: every word once, in place, shown as stored, and counted', {
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'chaos-'));
  try {
    const result = await runChaos({ seed: 7, durationMs: 30_000, speakers: 3, dataDir });
    expect(result.crashes).toEqual([]);
    expect(result.verdicts.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined]);
    const summary = summarise(result);
    expect(summary).toMatchObject({
      lost: 0,
      duplicated: 0,
      reordered: 0,
      displayedDiffers: 0,
      undeliveredMs: 0,
      statsExact: true,
    });
    expect(summary.maxTimeErrorMs).toBeLessThanOrEqual(300);
    expect(summary.words).toBeGreaterThan(200);
    expect(summary.faults).toBeGreaterThan(10);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
