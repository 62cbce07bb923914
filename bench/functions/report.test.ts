import { expect, test } from 'vitest';
import type { ActionCost } from './measure.ts';
import { formatColdStarts, formatCosts, problemsOf } from './report.ts';

const cost = (sessions: number, p95: number, documents: number, recentlyDeleted = 0): ActionCost => ({
  population: { sessions, recentlyDeleted, nowMs: 0 },
  documents,
  requests: 4,
  tookMs: { count: 60, p50: p95 / 2, p95, p99: p95, max: p95 },
});

test('cold starts are told as a ratio first', () => {
  const [, , row] = formatColdStarts([{ name: 'ticket', runs: 15, bundledMs: 90, unbundledMs: 200 }]).split(
    '\n',
  );
  expect(row).toBe('| ticket | 0.45 × | 90 | 200 | 15 |');
});

test('an action is compared with the first population, ratios before absolute figures', () => {
  const costs = [cost(100, 10, 48), cost(1_000_000, 15, 48), cost(100, 12, 48, 10_000)];
  const [head, , row] = formatCosts([{ action: 'history list', costs }]).split('\n');
  expect(head).toContain(
    '| 动作 | p50 / p95：100 万条 ÷ 100 条 | p50 / p95：100 条与刚删除的 1 万条 ÷ 100 条 |',
  );
  expect(row).toBe('| history list | 1.50 / 1.50 × | 1.20 / 1.20 × | 48 | 48 | 48 | 4 | 5.0 / 10.0 |');
});

test('reading more documents, or asking more often, where more is stored is a problem; taking longer is none', () => {
  const few = cost(100, 10, 48);
  const problems = (many: ActionCost) => problemsOf([{ action: 'history list', costs: [few, many] }]);
  expect(problems(cost(10_000, 99, 48))).toEqual([]);
  expect(problems(cost(10_000, 9, 47))).toEqual([]);
  expect(problems(cost(10_000, 9, 49))).toEqual(['history list：100 条时读的文档 48，1 万条时 49']);
  expect(problems({ ...cost(100, 9, 48, 10_000), requests: 5 })).toEqual([
    'history list：100 条时数据库请求 4，100 条与刚删除的 1 万条时 5',
  ]);
});
