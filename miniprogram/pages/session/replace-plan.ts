import { formatAudioTime } from 'cloudbase-voice';
import type { EditResult, SentenceView } from '../../../contract/functions.ts';
import { MAX_EDIT_CHARS, MAX_EDITS } from '../../../contract/limits.ts';
import { wellFormed } from '../../../contract/text.ts';
import { literalFinder, replaceRanges, type TextRange } from '../../../lib/literal-search.ts';
import { excerptOf, type Segment } from '../../utils/highlight.ts';

/** One edit as the service takes it: made only where the sentence still reads `from`. */
export interface PlannedEdit {
  index: number;
  from: string;
  /** Null: what was recognised. */
  text: string | null;
}

/** A sentence that a replacement would change, as the preview shows it. */
export interface ReplaceRow {
  key: string;
  index: number;
  time: string;
  before: Segment[];
  after: Segment[];
  chosen: boolean;
  /** What has become of it, or why it cannot be changed; empty: nothing yet. */
  note: string;
}

/** A row with its edit, and with the one that takes it back. */
export interface Replacement {
  row: ReplaceRow;
  edit: PlannedEdit;
  /** The text that comes back when it is undone; null: what was recognised. */
  earlier: string | null;
}

const TOO_LONG = '替换后太长，不能替换';

/** Where the replacements stand in the text that they make. */
function rangesAfter(ranges: readonly TextRange[], replacement: string): TextRange[] {
  let shift = 0;
  return ranges.map(([start, end]) => {
    const at = start + shift;
    shift += replacement.length - (end - start);
    return [at, at + replacement.length];
  });
}

/** What replacing `query` in these sentences changes; those that stay as they are are left out. */
export function planReplacement(
  sentences: readonly SentenceView[],
  query: string,
  typed: string,
): Replacement[] {
  const find = literalFinder(query);
  const replacement = wellFormed(typed);
  const planned: Replacement[] = [];
  for (const { index, text, original, startMs } of sentences) {
    const ranges = find(text);
    const after = replaceRanges(text, ranges, replacement);
    if (after === text) continue;
    const fits = Math.max(text.length, after.length) <= MAX_EDIT_CHARS;
    planned.push({
      row: {
        key: `replace-${index}`,
        index,
        time: formatAudioTime(startMs),
        before: excerptOf(text, ranges),
        after: excerptOf(after, rangesAfter(ranges, replacement)),
        chosen: fits,
        note: fits ? '' : TOO_LONG,
      },
      edit: { index, from: text, text: after },
      earlier: original === undefined ? null : text,
    });
  }
  return planned;
}

export const canChoose = ({ row }: Replacement): boolean => row.note === '';

/** Of one request's edits as JSON, UTF-16 units: the function takes 32,000 with everything around them. */
const MAX_REQUEST_CHARS = 20_000;

/** As many of the first edits as one request may have; at least one. */
export function firstRequest(edits: readonly PlannedEdit[]): PlannedEdit[] {
  const taken: PlannedEdit[] = [];
  let chars = 0;
  for (const edit of edits) {
    chars += JSON.stringify(edit).length;
    if (taken.length === MAX_EDITS || (taken.length > 0 && chars > MAX_REQUEST_CHARS)) break;
    taken.push(edit);
  }
  return taken;
}

export const noteOf = (outcome: EditResult['outcome'], undoing: boolean): string => {
  if (outcome === 'edited') return undoing ? '已撤销' : '已替换';
  return undoing ? '之后又改过，没有撤销' : '在别处改过，没有替换';
};
