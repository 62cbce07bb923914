import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COUNT_LIMITS, type CountLimits, type Waste } from './limits.ts';
import { measureCounts } from './measure.ts';
import { excessOf } from './report.ts';

/** Time stands still while a process waits for a core: on a busy machine it takes longer, and counts the same. */
const TIMEOUT_MS = 300_000;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-counts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const count = (waste: readonly Waste[] = []): Promise<CountLimits> => measureCounts({ folder, waste });

test(
  'what the container does for a second of audio is within its limits',
  async () => {
    const counts = await count();
    expect(excessOf(counts)).toEqual([]);
    for (const value of Object.values(counts)) expect(value).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

test(
  'two writes in place of one, and garbage for each of them, are noticed',
  async () => {
    const counts = await count(['split-writes', 'garbage']);
    for (const name of [
      'upstreamWritesPerAudioSecond',
      'clientWritesPerAudioSecond',
      'allocatedBytesPerFrame',
    ] as const)
      expect(counts[name], name).toBeGreaterThan(COUNT_LIMITS[name]);
  },
  TIMEOUT_MS,
);
