import type { SentenceView } from '../../../contract/functions.ts';
import type { Loss } from '../../../contract/records.ts';
import { formatAudioTime } from '../../utils/format.ts';
import { excerptOf, type Segment } from '../../utils/highlight.ts';
import { lossText } from '../realtime-voice/rows.ts';

export interface SentenceRow {
  /** `line-<index>`, or `loss-<ms>` for audio that was not recognised. */
  key: string;
  index: number;
  text: string;
  time: string;
  edited: boolean;
  loss: boolean;
  /** When something was marked while it was spoken; empty: nothing was. */
  mark: string;
}

interface TimedRow {
  startMs: number;
  row: SentenceRow;
}

const sentenceRow = ({ index, text, startMs, original }: SentenceView): TimedRow => ({
  startMs,
  row: {
    key: `line-${index}`,
    index,
    text,
    time: formatAudioTime(startMs),
    edited: original !== undefined,
    loss: false,
    mark: '',
  },
});
const lossRow = (loss: Loss): TimedRow => ({
  startMs: loss.startMs,
  row: {
    key: `loss-${loss.startMs}`,
    index: -1,
    text: lossText(loss),
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
 * Sentences and losses in the order of the audio.
 * @param complete false: losses and marks behind the last sentence are left out
 * @param marks audio time in ms
 */
export function sessionRows(
  sentences: readonly SentenceView[],
  losses: readonly Loss[],
  complete: boolean,
  marks: readonly number[] = [],
): SentenceRow[] {
  const readUntilMs = complete ? Number.POSITIVE_INFINITY : (sentences[sentences.length - 1]?.startMs ?? 0);
  const marked = marksByIndex(
    sentences,
    marks.filter((ms) => ms <= readUntilMs),
  );
  const rows = [
    ...sentences.map((sentence) => {
      const { startMs, row } = sentenceRow(sentence);
      return { startMs, row: { ...row, mark: marked.get(sentence.index) ?? '' } };
    }),
    ...losses.filter((loss) => loss.startMs <= readUntilMs).map(lossRow),
  ];
  return rows.sort((a, b) => a.startMs - b.startMs).map(({ row }) => row);
}

/** A range of the rows: from `from` on, before `to`. */
export interface RowWindow {
  from: number;
  to: number;
}
/** Rows that one request reads, and by which the window grows. */
export const STEP_ROWS = 200;
/** Most rows in the page: thousands make a phone slow. */
export const WINDOW_ROWS = 1_000;
/** Rows shown before the one that was jumped to. */
const LEAD_ROWS = 5;

export const windowAround = (position: number): RowWindow => {
  const from = Math.max(0, position - LEAD_ROWS);
  return { from, to: from + STEP_ROWS };
};

/** A sentence that contains what was searched for. */
export interface FoundRow {
  key: string;
  index: number;
  time: string;
  segments: Segment[];
}
export interface Found {
  /** Sentences that contain it. */
  total: number;
  /** The first of them. */
  rows: FoundRow[];
}
/** Most found sentences that are listed. */
export const FOUND_ROWS = 50;

/** Every place of `query` in `text`; letters match in either case. */
function placesIn(text: string, query: string): [number, number][] {
  const lower = text.toLowerCase();
  // A few letters change their length in lower case; then the places would not fit the text.
  const [haystack, needle] = lower.length === text.length ? [lower, query.toLowerCase()] : [text, query];
  const places: [number, number][] = [];
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length))
    places.push([at, at + needle.length]);
  return places;
}

/** Searches literally. @param query not empty */
export function findIn(sentences: readonly SentenceView[], query: string): Found {
  const found: Found = { total: 0, rows: [] };
  for (const { index, text, startMs } of sentences) {
    const places = placesIn(text, query);
    if (places.length === 0) continue;
    found.total += 1;
    if (found.rows.length < FOUND_ROWS)
      found.rows.push({
        key: `found-${index}`,
        index,
        time: formatAudioTime(startMs),
        segments: excerptOf(text, places),
      });
  }
  return found;
}
