import { expect, test } from 'vitest';
import type { CellResult } from './cell.ts';
import { formatTable, isFaultless, summariseCell } from './report.ts';

const recovery = (backToTextMs: number | undefined, caughtUpMs: number | undefined) => ({
  lagBeforeMs: 400,
  growsAgainMs: backToTextMs && backToTextMs / 2,
  backToTextMs,
  caughtUpMs,
});
const cell: CellResult = {
  kind: 'kill',
  speech: 'pauses',
  atMs: 25_000,
  recoveries: [recovery(1_000.4, 9_000), recovery(2_000, 8_000), recovery(3_000, 7_000)],
  words: 300,
  lost: 0,
  doubled: 0,
  tooFast: 0,
  problems: [],
};

test('a cell in numbers: distributions over its sessions', () => {
  const summary = summariseCell(cell);
  expect(summary).toMatchObject({
    kind: 'kill',
    sessions: 3,
    growsAgainMs: { count: 3, p50: 1_000, p95: 1_500 },
    backToTextMs: { count: 3, p50: 2_000, p95: 3_000, max: 3_000 },
    caughtUpMs: { p50: 8_000, p95: 9_000 },
    lagBeforeMs: { p50: 400 },
  });
  expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  expect(isFaultless(summary)).toBe(true);
});

test.each([{ lost: 1 }, { doubled: 1 }, { problems: ['a process ended'] }])('%j is a fault', (wrong) => {
  expect(isFaultless(summariseCell({ ...cell, ...wrong }))).toBe(false);
});

test('a table says in how many sessions text caught up, where it is not all', () => {
  const late = { ...cell, recoveries: [...cell.recoveries, recovery(undefined, undefined)] };
  const none = { ...cell, recoveries: [recovery(undefined, undefined)] };
  expect(formatTable([cell, late, none].map(summariseCell)).split('\n').slice(2)).toEqual([
    '| 容器 kill -9 | 只停 0.4 秒 | 25 秒 | 1.0 / 1.5 | 2.0 / 3.0 | 8.0 / 9.0 | 300 | 0 | 0 |',
    '| 容器 kill -9 | 只停 0.4 秒 | 25 秒 | 1.0 / 1.5（3 / 4） | 2.0 / 3.0（3 / 4） | 8.0 / 9.0（3 / 4） | 300 | 0 | 0 |',
    '| 容器 kill -9 | 只停 0.4 秒 | 25 秒 | – | – | – | 300 | 0 | 0 |',
  ]);
});
