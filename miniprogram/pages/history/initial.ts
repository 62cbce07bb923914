import { MAX_TAG_CHARS, MAX_TITLE_CHARS } from '../../../contract/limits.ts';
import { CLOSED_EXPORT } from '../session/export.ts';
import { MANY_FORMATS } from './export-many.ts';
import type { HistoryView, ListRow } from './model.ts';
import type { RecordingRow } from './recordings.ts';
import type { TagChoice } from './tag-choices.ts';

/** What the page shows before anything is loaded. */
export const INITIAL = {
  rows: [] as ListRow[],
  beforePx: 0,
  behindPx: 0,
  empty: true,
  loading: true,
  loadingMore: false,
  complete: false,
  full: false,
  query: '',
  tags: [] as string[],
  tag: '',
  problem: null as HistoryView['problem'],
  undo: '',
  selecting: false,
  selected: 0,
  restorable: 0,
  typed: '',
  recordings: [] as RecordingRow[],
  skeleton: [1, 2, 3, 4],

  /** Of the sheet that is open. */
  sheetProblem: '',
  saving: false,
  renaming: false,
  renameText: '',
  titleMax: MAX_TITLE_CHARS,
  tagging: false,
  tagText: '',
  tagMax: MAX_TAG_CHARS,
  tagChoices: [] as TagChoice[],
  exported: CLOSED_EXPORT,
  formats: MANY_FORMATS,
};
