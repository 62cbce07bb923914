import { expect, test } from 'vitest';
import { quantilesOf } from '../statistics.ts';
import type { Measurement } from './measure.ts';
import { FRAME_MS } from './recording.ts';
import { formatReport, problemsOf } from './report.ts';
import { STAGES } from './stages.ts';

const measurementOf = (oursMs: number, loadPerCore = 0.5): Measurement => ({
  latencies: {
    stages: Object.fromEntries(
      STAGES.map((stage) => [stage, quantilesOf([stage === 'turn' ? oursMs - 1 : 0.1])]),
    ) as Measurement['latencies']['stages'],
    ours: quantilesOf([oursMs]),
    whole: quantilesOf([oursMs + 30]),
    replaced: 0,
  },
  clockBoundMs: 0.1,
  resolutionMs: 0.1,
  loadPerCore,
  browser: 'Chromium 1',
});

test('up to the limit there is no problem; beyond it the slowest stage is named', () => {
  expect(problemsOf(measurementOf(15))).toEqual([]);
  const [problem = ''] = problemsOf(measurementOf(15.5));
  expect(problem).toContain('p95 是 15.5 毫秒，上限 15 毫秒');
  expect(problem).toContain('轮到它调用 setData');
  expect(problem).not.toContain('很忙');
});

test('a busy machine is said to be one', () => {
  expect(problemsOf(measurementOf(40, 3))[0]).toContain('这台机器很忙，负载是核数的 3.0 倍');
});

test('the table has a line for every stage, and says how long a frame is', () => {
  const lines = formatReport(measurementOf(5)).split('\n');
  expect(lines.filter((line) => line.startsWith('| →')).length).toBe(STAGES.length - 1);
  expect(lines.at(-1)).toContain(`一帧长 ${FRAME_MS} 毫秒`);
});
