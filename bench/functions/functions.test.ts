import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BothForms, buildBothForms, measureColdStart } from './cold-start.ts';
import { type MeasuredCosts, measureActions } from './measure.ts';
import { problemsOf } from './report.ts';

const FEW = 50;
const MANY = 500;
const ROUNDS = 1;
/** Some hundred calls on a machine that may be busy. */
const LIMIT_MS = 120_000;
let folder: string;
let forms: BothForms;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-functions-'));
  forms = await buildBothForms(folder);
}, LIMIT_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('both forms of a function load in a fresh process', async () => {
  const { bundledMs, unbundledMs } = await measureColdStart('history', forms.history, 1);
  expect(bundledMs).toBeGreaterThan(0);
  expect(unbundledMs).toBeGreaterThan(0);
});

test(
  'no action reads more documents where ten times as many sessions are stored, or as many were deleted',
  async () => {
    const nowMs = Date.now();
    const measured = await measureActions({
      populations: [
        { sessions: FEW, recentlyDeleted: 0, nowMs },
        { sessions: MANY, recentlyDeleted: 0, nowMs },
        { sessions: FEW, recentlyDeleted: MANY, nowMs },
      ],
      functionsDir: join(folder, 'bundled'),
      rounds: ROUNDS,
      onStep: () => {},
    });
    expect(problemsOf(measured)).toEqual([]);
    expect(readBy(measured, 'history list，第一页')).toEqual([50, 50, 50]);
    expect(readBy(measured, 'ticket issue')).toEqual([0, 0, 0]);
  },
  LIMIT_MS,
);

const readBy = (measured: readonly MeasuredCosts[], name: string): number[] | undefined =>
  measured.find(({ action }) => action === name)?.costs.map(({ documents }) => documents);
