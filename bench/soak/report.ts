import type { Checkpoint, SoakResult } from './soak.ts';

const MB = 1_000_000;
const MINUTE_MS = 60_000;

/** What is told of a checkpoint. */
interface Summary {
  audioMinutes: number;
  heapMb: number;
  rssMb: number;
  timers: number;
  listeners: number;
  entries: number;
  sockets: number;
}

const summaryOf = ({ audioMs, counts, heapBytes, rssBytes }: Checkpoint): Summary => ({
  audioMinutes: audioMs / MINUTE_MS,
  heapMb: heapBytes / MB,
  rssMb: rssBytes / MB,
  timers: counts.计时器 ?? 0,
  listeners: counts.监听器 ?? 0,
  entries: counts.集合的条目 ?? 0,
  sockets: counts.套接字 ?? 0,
});

/** The result without every class of every checkpoint. */
export const summaryOfSoak = ({ before, during, after, ...rest }: SoakResult): object => ({
  ...rest,
  before: summaryOf(before),
  during: during.map(summaryOf),
  after: summaryOf(after),
});

/** As a Markdown table: for a terminal, and for docs/benchmarks.md. */
export function formatSoak(results: readonly SoakResult[]): string {
  const head = [
    '运行',
    '时刻',
    '每路说了（分钟）',
    '堆 MB',
    'RSS MB',
    '计时器',
    '监听器',
    '集合的条目',
    '套接字',
  ];
  const rows = results.flatMap(({ plan, before, during, after }) => {
    const times = ['开始之前', '25%', '50%', '100%', '会话都结束'];
    return [before, ...during, after].map((checkpoint, i) => {
      const { audioMinutes, heapMb, rssMb, timers, listeners, entries, sockets } = summaryOf(checkpoint);
      const numbers = [audioMinutes, heapMb, rssMb].map((value) => value.toFixed(1));
      return [i === 0 ? plan.name : '', times[i], ...numbers, timers, listeners, entries, sockets];
    });
  });
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** What happened, and what grew, in a line or more. */
export function describeSoak({ plan, totals, rssBytesPerHour, problems, tookMs }: SoakResult): string {
  const { drops, absences, begun, ended, sentences } = totals;
  const hours = ((plan.streams * plan.audioMs) / MINUTE_MS / 60).toFixed(1);
  const found = problems.length === 0 ? '没有随时间增加的东西' : problems.join('\n  ');
  return [
    `${plan.name}：${hours} 小时音频，用了 ${Math.round(tookMs / 1_000)} 秒；掉线 ${drops} 次（${absences} 次离开一阵），`,
    `${begun} 个会话开始、${ended} 个结束，${sentences} 句；后一半 RSS 每小时音频 ${(rssBytesPerHour / MB).toFixed(1)} MB。`,
    `\n  ${found}`,
  ].join('');
}
