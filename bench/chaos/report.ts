import type { FaultPlan } from './plan.ts';
import type { Recoveries } from './recovery.ts';
import { isFlawless, largestErrorMs, type SpeakerVerdict } from './verify.ts';

/** The result of a run. */
export interface RunResult {
  plan: FaultPlan;
  verdicts: SpeakerVerdict[];
  /** How many faults took place, by kind. */
  faults: Record<string, number>;
  recoveries: Recoveries;
  /** Processes that ended by themselves, with their last log lines. */
  crashes: string[];
}

/** Whether every speaker was served as promised, and no process ended by itself. */
export const isClean = ({ verdicts, crashes }: RunResult): boolean =>
  crashes.length === 0 && verdicts.every(isFlawless);

/** The result of a run in numbers: the last line of `--json`. */
export interface Summary {
  /** In the scripts: Chinese characters, and words of other scripts. */
  words: number;
  /** Per speaker the worse of display and record, summed. */
  lost: number;
  duplicated: number;
  reordered: number;
  /** Number of speakers whose display differs from their record. */
  displayedDiffers: number;
  undeliveredMs: number;
  /** What phones that keep little audio have lost, and the records say so. */
  declaredLossMs: number;
  /** Number of speakers whose losses differ between phone and record. */
  lossesDiffer: number;
  maxTimeErrorMs: number;
  statsExact: boolean;
  faults: number;
  recoveryMs: Recoveries;
}

export function summarise({ verdicts, faults, recoveries }: RunResult): Summary {
  const sum = (of: (verdict: SpeakerVerdict) => number): number =>
    verdicts.reduce((total, verdict) => total + of(verdict), 0);
  const worse = (key: 'lost' | 'duplicated' | 'reordered'): number =>
    sum(({ shown, stored }) => Math.max(shown[key], stored[key]));
  return {
    words: sum(({ words }) => words),
    lost: worse('lost'),
    duplicated: worse('duplicated'),
    reordered: worse('reordered'),
    displayedDiffers: verdicts.filter(({ displayDiffers }) => displayDiffers.length > 0).length,
    undeliveredMs: sum(({ undeliveredMs }) => undeliveredMs),
    declaredLossMs: sum(({ declaredLossMs }) => declaredLossMs),
    lossesDiffer: verdicts.filter(({ lossesDiffer }) => lossesDiffer.length > 0).length,
    maxTimeErrorMs: Math.max(0, ...verdicts.map(({ timeErrors }) => largestErrorMs(timeErrors))),
    statsExact: verdicts.every(({ statsDiffer }) => statsDiffer.length === 0),
    faults: Object.values(faults).reduce((total, count) => total + count, 0),
    recoveryMs: recoveries,
  };
}

/** The result as text for a terminal. */
export function formatReport(summary: Summary, { verdicts, faults, crashes }: RunResult): string {
  const rows = verdicts.map(
    ({
      number,
      words,
      shown,
      stored,
      displayDiffers,
      undeliveredMs,
      declaredLossMs,
      lossesDiffer,
      timeErrors,
      statsDiffer,
      failure,
    }) =>
      [
        `说话人 ${number}`,
        `${words} 词`,
        `丢 ${Math.max(shown.lost, stored.lost)}`,
        `重 ${Math.max(shown.duplicated, stored.duplicated)}`,
        `乱序 ${Math.max(shown.reordered, stored.reordered)}`,
        `显示与记录${displayDiffers.length > 0 ? '不同' : '一致'}`,
        `未送达 ${undeliveredMs} ms`,
        ...(declaredLossMs > 0 ? [`已标明缺失 ${declaredLossMs} ms`] : []),
        ...(lossesDiffer.length > 0 ? ['缺失与记录不符'] : []),
        `时间误差 ${largestErrorMs(timeErrors)} ms`,
        `统计${statsDiffer.length > 0 ? '不符' : '相符'}`,
        ...(failure ? [`未正常结束：${failure}`] : []),
      ].join('  '),
  );
  const recoveryRows = Object.entries(summary.recoveryMs).map(
    ([kind, { count, p50, p95, max }]) =>
      `  ${kind.padEnd(34)} ${String(faults[kind] ?? '').padStart(4)}  ${String(count).padStart(4)}  ${[p50, p95, max].map((ms) => String(ms).padStart(7)).join('')}`,
  );
  return [
    '',
    ...rows,
    '',
    '恢复时间（毫秒）',
    `  ${'故障'.padEnd(32)} 次数  样本      p50    p95    最大`,
    ...recoveryRows,
    ...crashes.map((crash) => `\n进程意外退出：${crash}`),
    '',
    `共 ${summary.words} 词，故障 ${summary.faults} 次：丢失 ${summary.lost}，重复 ${summary.duplicated}，乱序 ${summary.reordered}`,
  ].join('\n');
}
