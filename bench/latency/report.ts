import type { Quantiles } from '../statistics.ts';
import type { Measurement } from './measure.ts';
import { FRAME_MS } from './recording.ts';
import { OURS, STAGES, type Stage } from './stages.ts';

/** What this project may add over the recogniser, p95, ms. */
export const LIMIT_MS = 15;
/** With more than this the processes wait for each other's cores, and that is measured, too. */
const MAX_LOAD_PER_CORE = 1;

const NAMES: Readonly<Record<Stage, string>> = {
  microphone: '一帧的声音说完 → 录音机把它交给小程序',
  send: '→ 交给 WebSocket',
  upstream: '→ 识别服务收齐（宿主的转发、容器）',
  recogniser: '→ 识别服务说出结果（替身立即说）',
  downstream: '→ 手机的 WebSocket 收到（容器、宿主的转发）',
  read: '→ 页面知道要显示什么',
  turn: '→ 轮到它调用 setData',
  set: '→ 文字在页面里',
  refresh: '→ 屏幕的下一次刷新',
  draw: '→ 画好',
};

const ms = (value: number): string => value.toFixed(1);
const row = (name: string, ours: string, { count, p50, p95, p99 }: Quantiles): string =>
  `| ${name} | ${ours} | ${count} | ${ms(p50)} | ${ms(p95)} | ${ms(p99)} |`;

/** The table as it stands in docs/benchmarks.md. */
export function formatReport(measurement: Measurement): string {
  const { latencies, clockBoundMs, resolutionMs, browser } = measurement;
  const { stages, ours, whole, replaced } = latencies;
  return [
    `${browser}；浏览器与 node 的时钟相差不超过 ${clockBoundMs.toFixed(2)} 毫秒，浏览器的时钟精确到 ${resolutionMs.toFixed(2)} 毫秒`,
    '',
    '| 步骤（毫秒） | 我们的 | 次数 | p50 | p95 | p99 |',
    '|---|---|---|---|---|---|',
    ...STAGES.map((stage) => row(NAMES[stage], OURS.has(stage) ? '是' : '', stages[stage])),
    row('**我们加的**', '合计', ours),
    row('**从说完到画好**', '', whole),
    '',
    `录音机的一帧长 ${FRAME_MS} 毫秒，不在其中。被下一个结果取代、没有画出来的：${replaced}。`,
  ].join('\n');
}

/** What exceeds the limit, in words; empty: nothing. */
export function problemsOf({ latencies, loadPerCore }: Measurement): string[] {
  const { p95 } = latencies.ours;
  if (p95 <= LIMIT_MS) return [];
  const slowest = [...OURS].sort((a, b) => latencies.stages[b].p95 - latencies.stages[a].p95)[0] as Stage;
  const step = `最慢的一步「${NAMES[slowest]}」p95 ${ms(latencies.stages[slowest].p95)} 毫秒。`;
  const busy = `这台机器很忙，负载是核数的 ${ms(loadPerCore)} 倍：在空闲时再量。`;
  const explained = loadPerCore > MAX_LOAD_PER_CORE ? busy : '';
  return [`我们加的 p95 是 ${ms(p95)} 毫秒，上限 ${LIMIT_MS} 毫秒；${step}${explained}`];
}
