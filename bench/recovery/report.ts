import { type Distribution, distributionOf } from '../chaos/recovery.ts';
import type { CellResult } from './cell.ts';
import { FAULT_KINDS } from './faults.ts';
import { SPEECHES } from './speech.ts';

/** A cell in numbers, as `--json` gives it. Times in ms. */
export interface CellSummary {
  kind: string;
  speech: string;
  /** When the fault happened, ms of the recording. */
  atMs: number;
  sessions: number;
  /** @see measureRecovery; `count`: in how many sessions it did */
  growsAgainMs: Distribution;
  /** @see measureRecovery; `count`: in how many sessions new text was seen */
  backToTextMs: Distribution;
  /** @see measureRecovery; `count`: in how many sessions text caught up */
  caughtUpMs: Distribution;
  /** How far text was behind speech before the fault, at most. */
  lagBeforeMs: Distribution;
  words: number;
  lost: number;
  doubled: number;
  /** @see CellResult */
  tooFast: number;
  problems: string[];
}

export function summariseCell({ recoveries, ...cell }: CellResult): CellSummary {
  const over = (key: keyof (typeof recoveries)[number]): Distribution =>
    distributionOf(recoveries.flatMap((recovery) => recovery[key] ?? []).map(Math.round));
  return {
    ...cell,
    sessions: recoveries.length,
    growsAgainMs: over('growsAgainMs'),
    backToTextMs: over('backToTextMs'),
    caughtUpMs: over('caughtUpMs'),
    lagBeforeMs: over('lagBeforeMs'),
  };
}

/** Whether every word was there once, and everything else as promised. */
export const isFaultless = ({ lost, doubled, problems }: CellSummary): boolean =>
  lost + doubled + problems.length === 0;

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

/** `p50 / p95`; a dash where some session never got there within the run. */
function formatTimes({ count, p50, p95 }: Distribution, sessions: number): string {
  if (count === 0) return '–';
  const times = `${seconds(p50)} / ${seconds(p95)}`;
  return count === sessions ? times : `${times}（${count} / ${sessions}）`;
}

export const labelOf = ({ kind, speech }: Pick<CellSummary, 'kind' | 'speech'>): string => {
  const [fault, spoken] = [
    FAULT_KINDS.find(({ id }) => id === kind),
    SPEECHES.find(({ id }) => id === speech),
  ];
  return `${fault?.label ?? kind} × ${spoken?.label ?? speech}`;
};

/** What a cell showed, in a line. */
export const formatCell = (cell: CellSummary): string =>
  [
    `又见文字增长 ${formatTimes(cell.growsAgainMs, cell.sessions)} 秒`,
    `恢复出字 ${formatTimes(cell.backToTextMs, cell.sessions)} 秒`,
    `追上 ${formatTimes(cell.caughtUpMs, cell.sessions)} 秒`,
    `丢 ${cell.lost}`,
    `重 ${cell.doubled}`,
    ...(cell.tooFast > 0 ? [`机器太忙：识别服务 ${cell.tooFast} 次嫌快（4000），数字偏大`] : []),
    ...cell.problems.map((problem) => `\n    ${problem}`),
  ].join('  ');

/** All cells as a Markdown table: for a terminal, and for docs/reliability.md. */
export function formatTable(cells: readonly CellSummary[]): string {
  const row = (cell: CellSummary): string => {
    const [fault, spoken] = labelOf(cell).split(' × ');
    const { sessions, words, lost, doubled } = cell;
    const times = [cell.growsAgainMs, cell.backToTextMs, cell.caughtUpMs].map((times) =>
      formatTimes(times, sessions),
    );
    return `| ${[fault, spoken, `${cell.atMs / 1000} 秒`, ...times, words, lost, doubled].join(' | ')} |`;
  };
  return [
    '| 故障 | 说话 | 发生在 | 又见增长 p50 / p95（秒） | 恢复出字 p50 / p95（秒） | 追上 p50 / p95（秒） | 词 | 丢失 | 重复 |',
    '|---|---|---|---|---|---|---|---|---|',
    ...cells.map(row),
  ].join('\n');
}
