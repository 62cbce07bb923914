import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const rule = { firstMs: 100, maxMs: 1_000, jitter: 0.5 };

test('doubles up to the maximum', () => {
  expect([0, 1, 2, 3, 4, 50].map((attempt) => backoffMs(rule, attempt, () => 0.5))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
});

test('jitter goes both ways, and never beyond the maximum', () => {
  expect([0, 1].map((random) => backoffMs(rule, 0, () => random))).toEqual([50, 150]);
  expect([0, 1].map((random) => backoffMs(rule, 9, () => random))).toEqual([500, 1_000]);
});
