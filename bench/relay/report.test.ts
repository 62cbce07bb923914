import { expect, test } from 'vitest';
import { quantilesOf } from '../statistics.ts';
import type { DialectName } from './dialects.ts';
import { problemsOf, reasonsAgainst, type Step } from './measure.ts';
import { formatSteps, goalsOf, isMet } from './report.ts';

const step = (server: DialectName, cpuMsPerAudioSecond: number, more: Partial<Step> = {}): Step => ({
  server,
  frameMs: 128,
  streams: 300,
  cpuMsPerAudioSecond,
  streamsPerCore: 1_000 / cpuMsPerAudioSecond,
  upstream: { p50: 1, p95: 2, p99: 4, max: 9 },
  downstream: { p50: 1, p95: 2, p99: 3, max: 9 },
  rssPerStream: 300_000,
  heapPerStream: 50_000,
  buffersPerStream: 90_000,
  loopLagMs: { p50: 0, p99: 1, max: 2 },
  fullCollectionsPerSecond: 0.5,
  messagesPerFrame: 1,
  databaseRequestsPerStreamSecond: 0.25,
  pace: 1,
  generator: { lateMs: 1, cpuShare: 0.3 },
  sink: { lagMs: 1, cpuShare: 0.2 },
  ...more,
});

const four = [step('relay', 0.4), step('socketio', 0.5), step('published', 2), step('container', 0.8)];

test('ratios are taken at the same load, and come before the absolute figures', () => {
  const rows = formatSteps([...four, step('relay', 9, { streams: 1 })]).split('\n');
  expect(rows.find((row) => row.includes('容器'))).toContain(
    '| 容器 | 2.00 × | 1.60 × | 0.40 × | 0.80 | 1250 |',
  );
});

test('goals say what was reached, and only of what was measured', () => {
  const goals = goalsOf(four, []);
  const met = Object.fromEntries(goals.map((goal) => [goal.what.split('（')[0], isMet(goal)]));
  expect(met).toEqual({
    'CPU ÷ 裸转发': false,
    'CPU ÷ 通行写法': true,
    每核路数: false,
    '每路 KB，不算音频': false,
    '上行 p99 毫秒': true,
  });
  expect(goalsOf([step('container', 0.8, { streams: 100 })], [])).toEqual([]);
});

test('a step does not count whose generator or recogniser could not keep up, or whose server is saturated', () => {
  expect(reasonsAgainst(step('relay', 1))).toEqual([]);
  expect(reasonsAgainst(step('relay', 1, { generator: { lateMs: 11, cpuShare: 0.9 } }))).toHaveLength(2);
  expect(reasonsAgainst(step('relay', 1, { sink: { lagMs: 11, cpuShare: 0.9 } }))).toHaveLength(2);
  expect(reasonsAgainst(step('relay', 1, { pace: 0.9 }))).toEqual(['只传到了 90% 的音频']);
});

test('whatever did not arrive as it was spoken is a problem', () => {
  const spoken = { framesSent: 10, acknowledged: 10, results: 3, problem: undefined };
  const heard = { streams: 2, frames: 10, damaged: 0 };
  const at = { streams: 2, name: 'published' } as const;
  expect(problemsOf(spoken, heard, at)).toEqual([]);
  expect(problemsOf(spoken, { ...heard, frames: 9 }, at)).toEqual(['说出 10 帧，听到 9 帧']);
  expect(problemsOf(spoken, { ...heard, damaged: 1 }, at)).toEqual(['1 帧不是原样']);
  expect(problemsOf(spoken, { ...heard, streams: 3 }, at)).toEqual(['2 路用了 3 条识别连接']);
  expect(problemsOf({ ...spoken, acknowledged: 9 }, heard, at)).toEqual(['确认了 9 帧，说出 10 帧']);
  expect(problemsOf({ ...spoken, results: 0 }, heard, at)).toEqual(['没有一个识别结果']);
});

test('quantiles are of the nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(quantilesOf(values)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99, max: 100 });
  expect(quantilesOf([]).p99).toBe(0);
});
