import type { DialectName } from './dialects.ts';
import type { IdleClients, Latency, Step } from './measure.ts';

const LABELS: Readonly<Record<DialectName, string>> = {
  relay: '裸转发',
  socketio: '只有 Socket.IO',
  published: '通行写法',
  container: '容器',
};
const KB = 1_000;

/** What the container is to reach. Ratios are of the same number of streams and the same frames. */
export const GOALS = {
  /** CPU, of the bare relay's, from so many streams on. */
  relayRatio: 1.8,
  relayRatioFrom: 200,
  /** CPU, of the published design's. */
  publishedRatio: 0.5,
  /** Upstream p99: so many times the relay's, and so many ms, at so many streams. */
  p99Factor: 2,
  p99ExtraMs: 5,
  p99Streams: 300,
  streamsPerCore: 1_500,
  /** Beyond the audio that is kept. */
  bytesPerStream: 200 * KB,
  bytesPerIdleClient: 32 * KB,
} as const;

export interface Goal {
  what: string;
  reached: number;
  goal: number;
  /** Whether more is better. Default: less is. */
  atLeast?: boolean;
}

export const isMet = ({ reached, goal, atLeast }: Goal): boolean =>
  atLeast ? reached >= goal : reached <= goal;

const one = (value: number): string => value.toFixed(1);
const two = (value: number): string => value.toFixed(2);
const kb = (bytes: number): string => `${Math.round(bytes / KB)} KB`;
const times = ({ p50, p95, p99 }: Latency): string => [p50, p95, p99].map(one).join(' / ');

const sameLoad =
  (server: DialectName, { frameMs, streams }: Step) =>
  (step: Step): boolean =>
    step.server === server && step.frameMs === frameMs && step.streams === streams;

function ratio(steps: readonly Step[], step: Step, to: DialectName): number | undefined {
  const other = steps.find(sameLoad(to, step));
  return other && step.cpuMsPerAudioSecond / other.cpuMsPerAudioSecond;
}

const HEAD = [
  '帧（毫秒）',
  '路数',
  '服务',
  'CPU 比裸转发',
  'CPU 比只有 Socket.IO',
  'CPU 比通行写法',
  'CPU 毫秒/音频秒',
  '每核路数',
  '上行 p50 / p95 / p99（毫秒）',
  '下行 p50 / p95 / p99（毫秒）',
  '每路内存',
  '其中音频',
  '事件循环 p99（毫秒）',
  '整堆回收（次/秒）',
  '每帧消息',
];

/** All steps as a Markdown table, ratios first: for a terminal, and for docs/benchmarks.md. */
export function formatSteps(steps: readonly Step[]): string {
  const sorted = [...steps].sort((a, b) => b.frameMs - a.frameMs || a.streams - b.streams);
  const ratioText = (step: Step, to: DialectName): string => {
    const value = ratio(steps, step, to);
    return value === undefined ? '–' : `${two(value)} ×`;
  };
  const rows = sorted.map((step) => [
    step.frameMs,
    step.streams,
    LABELS[step.server],
    ratioText(step, 'relay'),
    ratioText(step, 'socketio'),
    ratioText(step, 'published'),
    two(step.cpuMsPerAudioSecond),
    Math.round(step.streamsPerCore),
    times(step.upstream),
    times(step.downstream),
    kb(step.rssPerStream),
    kb(step.buffersPerStream),
    one(step.loopLagMs.p99),
    one(step.fullCollectionsPerSecond),
    two(step.messagesPerFrame),
  ]);
  return [HEAD, HEAD.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

export const formatIdle = (idle: readonly IdleClients[]): string =>
  idle
    .map(
      ({ server, clients, rssPerClient, heapPerClient }) =>
        `${LABELS[server]}，${clients} 个没有会话的连接：每个 ${one(rssPerClient / KB)} KB（堆里 ${one(heapPerClient / KB)} KB）`,
    )
    .join('\n');

/** Where the container is, compared with where it is to be; what was not measured is left out. */
export function goalsOf(steps: readonly Step[], idle: readonly IdleClients[]): Goal[] {
  const goals: Goal[] = [];
  for (const step of steps.filter(({ server }) => server === 'container')) {
    const { frameMs, streams } = step;
    const at = `${frameMs} 毫秒的帧，${streams} 路`;
    const [toRelay, toPublished] = [ratio(steps, step, 'relay'), ratio(steps, step, 'published')];
    if (streams < GOALS.relayRatioFrom) continue;
    if (toRelay !== undefined)
      goals.push({ what: `CPU ÷ 裸转发（${at}）`, reached: toRelay, goal: GOALS.relayRatio });
    if (toPublished !== undefined)
      goals.push({ what: `CPU ÷ 通行写法（${at}）`, reached: toPublished, goal: GOALS.publishedRatio });
    const { streamsPerCore } = step;
    goals.push({
      what: `每核路数（${at}）`,
      reached: streamsPerCore,
      goal: GOALS.streamsPerCore,
      atLeast: true,
    });
    const kept = (step.rssPerStream - step.buffersPerStream) / KB;
    goals.push({ what: `每路 KB，不算音频（${at}）`, reached: kept, goal: GOALS.bytesPerStream / KB });
    const relay = steps.find(sameLoad('relay', step));
    if (relay && streams === GOALS.p99Streams) {
      const goal = GOALS.p99Factor * relay.upstream.p99 + GOALS.p99ExtraMs;
      goals.push({ what: `上行 p99 毫秒（${at}）`, reached: step.upstream.p99, goal });
    }
  }
  for (const { server, rssPerClient } of idle)
    if (server === 'container')
      goals.push({
        what: '没有会话的连接，KB',
        reached: rssPerClient / KB,
        goal: GOALS.bytesPerIdleClient / KB,
      });
  return goals;
}

export const formatGoals = (goals: readonly Goal[]): string =>
  goals
    .map((goal) => {
      const { what, reached, goal: wanted, atLeast } = goal;
      return `${isMet(goal) ? '达到' : '没有达到'}  ${what}：${two(reached)}（${atLeast ? '≥' : '≤'} ${two(wanted)}）`;
    })
    .join('\n');
