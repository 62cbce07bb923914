import { formatAudioTime } from 'cloudbase-voice';
import type { SentenceView, SessionSummary } from '../../../contract/functions.ts';
import { betweenSentences, paragraphsOf } from '../../../contract/paragraphs.ts';
import type { Loss } from '../../../contract/records.ts';
import type { TextRange } from '../../../lib/literal-search.ts';
import { type Segment, segmentsOf } from '../../utils/highlight.ts';
import { lossText } from '../realtime-voice/rows.ts';

export interface SentenceRow {
  /** `line-<index>`, or `loss-<ms>` for audio that was not recognised. */
  key: string;
  index: number;
  text: string;
  /** The text in pieces, where something in it was found. */
  segments: Segment[];
  time: string;
  edited: boolean;
  loss: boolean;
  /** When something was marked while it was spoken; empty: nothing was. */
  mark: string;
}

/** A row with its place in the audio. */
export interface TimedRow {
  startMs: number;
  endMs: number;
  row: SentenceRow;
}

/** What is highlighted in a text. */
export type Highlight = (text: string) => TextRange[];

function sentenceRow(
  { index, text, startMs, endMs, original }: SentenceView,
  found: Highlight,
  mark: string,
): TimedRow {
  const ranges = found(text);
  return {
    startMs,
    endMs,
    row: {
      key: `line-${index}`,
      index,
      text,
      segments: ranges.length > 0 ? segmentsOf(text, ranges) : [],
      time: formatAudioTime(startMs),
      edited: original !== undefined,
      loss: false,
      mark,
    },
  };
}
const lossRow = (loss: Loss): TimedRow => ({
  startMs: loss.startMs,
  endMs: loss.endMs,
  row: {
    key: `loss-${loss.startMs}`,
    index: -1,
    text: lossText(loss),
    segments: [],
    time: formatAudioTime(loss.startMs),
    edited: false,
    loss: true,
    mark: '',
  },
});

/** The sentence that was spoken at a moment: the last that began before it; the first where none did. @param sentences in order */
export function sentenceAt(sentences: readonly SentenceView[], ms: number): SentenceView | undefined {
  let found = sentences[0];
  for (const sentence of sentences) {
    if (sentence.startMs > ms) break;
    found = sentence;
  }
  return found;
}

/** What was marked, by the index of the sentence. */
function marksByIndex(sentences: readonly SentenceView[], marks: readonly number[]): Map<number, string> {
  const found = new Map<number, string>();
  for (const ms of marks) {
    const { index } = sentenceAt(sentences, ms) ?? { index: -1 };
    found.set(index, [found.get(index), formatAudioTime(ms)].filter(Boolean).join('、'));
  }
  return found;
}

/**
 * Sentences and losses in the order of the audio, with what was marked.
 * @param read whether the sentences begin at the first, and end at the last: losses and marks outside of what was read are left out
 */
export function sessionRows(
  sentences: readonly SentenceView[],
  { losses, marks = [] }: Pick<SessionSummary, 'losses' | 'marks'>,
  read: { atStart: boolean; atEnd: boolean },
  found: Highlight,
): TimedRow[] {
  const fromMs = read.atStart ? Number.NEGATIVE_INFINITY : (sentences[0]?.startMs ?? 0);
  const untilMs = read.atEnd ? Number.POSITIVE_INFINITY : (sentences[sentences.length - 1]?.startMs ?? 0);
  const wasRead = (ms: number): boolean => ms >= fromMs && ms <= untilMs;
  const marked = marksByIndex(sentences, marks.filter(wasRead));
  const rows = [
    ...sentences.map((sentence) => sentenceRow(sentence, found, marked.get(sentence.index) ?? '')),
    ...losses.filter(({ startMs }) => wasRead(startMs)).map(lossRow),
  ];
  return rows.sort((a, b) => a.startMs - b.startMs);
}

/** Several rows as one paragraph; a loss is a paragraph of its own. */
export interface ParagraphRow {
  key: string;
  time: string;
  loss: boolean;
  pieces: {
    key: string;
    index: number;
    /** What stands before it: a space between Latin sentences. */
    before: string;
    text: string;
    segments: Segment[];
    edited: boolean;
  }[];
}

/** The rows joined into paragraphs. */
export function paragraphRows(rows: readonly TimedRow[]): ParagraphRow[] {
  const spokenOf = ({ row, startMs, endMs }: TimedRow) =>
    row.loss ? null : { text: row.text, startMs, endMs };
  return paragraphsOf(rows, spokenOf).map((group) => {
    const first = (group[0] as TimedRow).row;
    return {
      key: `part-${first.key}`,
      time: first.time,
      loss: first.loss,
      pieces: group.map(({ row: { key, index, text, segments, edited } }, at) => {
        const previous = group[at - 1]?.row.text ?? '';
        return { key, index, before: betweenSentences(previous, text), text, segments, edited };
      }),
    };
  });
}

/** A range of the rows: from `from` on, before `to`. */
export interface RowWindow {
  from: number;
  to: number;
}
/** Rows by which the window grows. */
export const STEP_ROWS = 200;
/** Most rows in the page: thousands make a phone slow. */
export const WINDOW_ROWS = 1_000;
/** Rows shown before the one that was jumped to. */
export const LEAD_ROWS = 5;

export const windowAround = (position: number): RowWindow => {
  const from = Math.max(0, position - LEAD_ROWS);
  return { from, to: from + STEP_ROWS };
};
