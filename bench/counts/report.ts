import { COUNT_LIMITS, type CountLimits } from './limits.ts';

type CountName = keyof CountLimits;

const LABELS: Readonly<Record<CountName, string>> = {
  upstreamWritesPerAudioSecond: '写给识别服务（次/音频秒）',
  clientWritesPerAudioSecond: '写给客户端（次/音频秒）',
  allocatedBytesPerFrame: '每帧在堆里分配（字节）',
  databaseRequestsPerSessionMinute: '数据库请求（次/会话分钟）',
};
const NAMES = Object.keys(COUNT_LIMITS) as CountName[];

const shown = (value: number): string => (value >= 100 ? String(Math.round(value)) : value.toFixed(2));

/** As a Markdown table: for a terminal, and for docs/benchmarks.md. */
export const formatCounts = (counts: CountLimits): string =>
  [
    '| 计数 | 量到 | 上限 |',
    '| --- | --- | --- |',
    ...NAMES.map((name) => `| ${LABELS[name]} | ${shown(counts[name])} | ${shown(COUNT_LIMITS[name])} |`),
  ].join('\n');

/** What exceeds its limit, in words; empty: nothing. */
export const excessOf = (counts: CountLimits): string[] =>
  NAMES.filter((name) => counts[name] > COUNT_LIMITS[name]).map(
    (name) => `${LABELS[name]}：${shown(counts[name])}，上限 ${shown(COUNT_LIMITS[name])}`,
  );
