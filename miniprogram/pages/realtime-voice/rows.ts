import { formatAudioTime, formatDuration, type Line } from 'cloudbase-voice';
import type { Loss } from '../../../contract/records.ts';

/**
 * One row of the transcript. `live` may still change; `final` will not be changed by the recogniser; `settled` is also stored;
 * `loss`: audio that was not recognised; `mark`: a moment that the user has marked.
 */
export interface TranscriptRow {
  key: string;
  kind: 'live' | 'final' | 'settled' | 'loss' | 'mark';
  text: string;
  /** Audio time of its start. */
  time: string;
}

const LOSS_CAUSES: Record<Loss['reason'], string> = {
  'client-overflow': '等待过久，缓存已满',
  'client-gap': '录音没有送达',
  asr: '识别服务中断',
};

export const lossText = (loss: Loss): string =>
  `此处 ${formatDuration(Math.max(1_000, loss.endMs - loss.startMs))}没有识别：${LOSS_CAUSES[loss.reason]}`;

const kindOf = (line: Line): TranscriptRow['kind'] =>
  line.settled ? 'settled' : line.final ? 'final' : 'live';

const insertedRow = (kind: 'loss' | 'mark', ms: number, text: string): [number, TranscriptRow] => [
  ms,
  { key: `${kind}-${ms}`, kind, text, time: formatAudioTime(ms) },
];

/**
 * Sentences, losses and marks in the order of the audio; sentences without text are left out.
 * @param marks audio time in ms
 */
export function rowsOf(
  lines: readonly Line[],
  losses: readonly Loss[],
  marks: readonly number[] = [],
): TranscriptRow[] {
  const rows: TranscriptRow[] = [];
  const remaining = [
    ...losses.map((loss) => insertedRow('loss', loss.startMs, lossText(loss))),
    ...marks.map((ms) => insertedRow('mark', ms, '标记')),
  ].sort(([a], [b]) => a - b);
  const insertBefore = (ms: number): void => {
    while (remaining[0] !== undefined && remaining[0][0] <= ms)
      rows.push((remaining.shift() as [number, TranscriptRow])[1]);
  };
  for (const line of lines) {
    if (line.text === '') continue;
    insertBefore(line.startMs);
    rows.push({
      key: `line-${line.index}`,
      kind: kindOf(line),
      text: line.text,
      time: formatAudioTime(line.startMs),
    });
  }
  insertBefore(Number.POSITIVE_INFINITY);
  return rows;
}

/** Most rows in the page, since thousands make a phone slow; earlier ones are added when the user taps. */
export const WINDOW_ROWS = 300;
/** Rows that are hidden at a time, so that this happens rarely. */
const WINDOW_STEP_ROWS = 100;

/** Number of rows hidden at the beginning. @param count of all rows @param hidden so far */
export function hiddenRows(count: number, hidden: number): number {
  const excess = count - hidden - WINDOW_ROWS;
  return excess > 0
    ? hidden + Math.ceil(excess / WINDOW_STEP_ROWS) * WINDOW_STEP_ROWS
    : Math.min(hidden, count);
}
export const showEarlier = (hidden: number): number => Math.max(0, hidden - WINDOW_STEP_ROWS);

/** The transcript as plain text, one sentence a line, with its losses and marks. */
export const plainText = (
  lines: readonly Line[],
  losses: readonly Loss[],
  marks: readonly number[] = [],
): string =>
  rowsOf(lines, losses, marks)
    .map((row) => (row.kind === 'loss' || row.kind === 'mark' ? `〔${row.text}〕` : row.text))
    .join('\n');
