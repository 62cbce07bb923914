import type { Loss } from '../../../contract/records.ts';
import type { Line } from '../../services/voice-session.types.ts';
import { clockOf, lengthOf } from '../../utils/format.ts';

/**
 * One row of the transcript. `live` may still change; `final` is what the recogniser stands by; `settled` is stored as
 * well; `loss` stands where audio was never heard.
 */
export interface Row {
  key: string;
  kind: 'live' | 'final' | 'settled' | 'loss';
  text: string;
  /** Audio time of its start. */
  time: string;
}

const LOSS_CAUSES: Record<Loss['reason'], string> = {
  'client-overflow': '断网过久，缓存已满',
  'client-gap': '录音没有送达',
  asr: '识别服务中断',
};

export const lossText = (loss: Loss): string =>
  `此处 ${lengthOf(Math.max(1_000, loss.endMs - loss.startMs))}没有识别：${LOSS_CAUSES[loss.reason]}`;

const kindOf = (line: Line): Row['kind'] => (line.settled ? 'settled' : line.final ? 'final' : 'live');

/** Sentences and losses in the order of the audio; a sentence that has no text yet is left out. */
export function rowsOf(lines: readonly Line[], losses: readonly Loss[]): Row[] {
  const rows: Row[] = [];
  const waiting = [...losses].sort((a, b) => a.startMs - b.startMs);
  const lossesBefore = (ms: number): void => {
    while (waiting[0] !== undefined && waiting[0].startMs <= ms) {
      const loss = waiting.shift() as Loss;
      rows.push({
        key: `loss-${loss.startMs}`,
        kind: 'loss',
        text: lossText(loss),
        time: clockOf(loss.startMs),
      });
    }
  };
  for (const line of lines) {
    if (line.text === '') continue;
    lossesBefore(line.startMs);
    rows.push({
      key: `line-${line.index}`,
      kind: kindOf(line),
      text: line.text,
      time: clockOf(line.startMs),
    });
  }
  lossesBefore(Number.POSITIVE_INFINITY);
  return rows;
}

const isSameRow = (a: Row, b: Row): boolean =>
  a.key === b.key && a.kind === b.kind && a.text === b.text && a.time === b.time;

/**
 * The smallest `setData` that turns `old` into `next`: what a long transcript sends to the view for every new word
 * must not grow with its length.
 */
export function rowsPatch(old: readonly Row[], next: readonly Row[]): Record<string, unknown> {
  if (next.length < old.length) return { rows: next };
  const patch: Record<string, unknown> = {};
  next.forEach((row, i) => {
    const before = old[i];
    if (before === undefined || !isSameRow(before, row)) patch[`rows[${i}]`] = row;
  });
  return patch;
}

/** Rows drawn at once; earlier ones come on a tap. A page of thousands of rows makes a phone slow. */
export const WINDOW_ROWS = 300;
/** So many rows are put away at a time, so that the window moves rarely. */
const WINDOW_STEP_ROWS = 100;

/** How many rows at the beginning are not drawn, given how many were hidden so far. */
export function hiddenRows(count: number, hidden: number): number {
  const excess = count - hidden - WINDOW_ROWS;
  return excess > 0
    ? hidden + Math.ceil(excess / WINDOW_STEP_ROWS) * WINDOW_STEP_ROWS
    : Math.min(hidden, count);
}
export const showEarlier = (hidden: number): number => Math.max(0, hidden - WINDOW_STEP_ROWS);

/** The transcript as plain text, one sentence a line; losses stand in it, so that nobody takes it for complete. */
export const plainText = (lines: readonly Line[], losses: readonly Loss[]): string =>
  rowsOf(lines, losses)
    .map((row) => (row.kind === 'loss' ? `〔${row.text}〕` : row.text))
    .join('\n');
