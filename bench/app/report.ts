import type { AppCase } from './cases.ts';
import { excessOf } from './set-data.ts';

export interface ColdStart {
  runs: number;
  p50Ms: number;
  p95Ms: number;
}

/** @param times of each run, ms; at least one */
export function coldStartOf(times: readonly number[]): ColdStart {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { runs: times.length, p50Ms: at(0.5), p95Ms: at(0.95) };
}

const KB = 1_024;
const kb = (bytes: number): string => (bytes / KB).toFixed(1);

/** The table as it stands in the documentation. */
export function formatReport({ runs, p50Ms, p95Ms }: ColdStart, cases: readonly AppCase[]): string {
  return [
    `冷启动到可以录音：p50 ${p50Ms} 毫秒，p95 ${p95Ms} 毫秒（${runs} 次）`,
    '',
    '| | 秒 | 调用 | 最忙的一秒调用 | 最忙的一秒 KB | 最大一次 KB |',
    '|---|---|---|---|---|---|',
    ...cases.map(
      ({ name, use }) =>
        `| ${name} | ${use.seconds.toFixed(1)} | ${use.calls} | ${use.mostCallsPerSecond} | ${kb(use.mostBytesPerSecond)} | ${kb(use.largestBytes)} |`,
    ),
  ].join('\n');
}

/** What exceeds the limits, in words; empty: nothing. */
export const problemsOf = (cases: readonly AppCase[]): string[] =>
  cases.flatMap(({ name, use, unseenCalls }) =>
    excessOf(use, unseenCalls).map((excess) => `${name}：${excess}`),
  );
