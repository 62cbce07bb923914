import { IDLE_RECORDING } from 'cloudbase-voice';
import { MAX_TITLE_CHARS } from '../../../contract/limits.ts';
import { SILENT_BARS } from '../../components/level-meter/bars.ts';
import type { PendingNotice } from '../../utils/pending-notice.ts';
import { ENGINE_LABELS } from './options.ts';
import type { TranscriptRow } from './rows.ts';

/** What the page shows before anything has happened. */
export const INITIAL = {
  ...IDLE_RECORDING,
  levels: SILENT_BARS,
  rows: [] as TranscriptRow[],
  hidden: 0,
  following: true,
  anchor: '',
  welcome: '开口说话，文字随声而出',
  welcomeHint: '录音时断网也不要紧，恢复后会自动补上。',
  phrases: [] as string[],
  engineLabels: ENGINE_LABELS,
  engineIndex: 0,
  notice: null as PendingNotice | null,
  hotwordCount: 0,
  hotwordsOpen: false,
  hotwordsText: '',
  hotwordProblems: [] as string[],
  /** Number of marks in this recording. */
  marks: 0,
  /** Audio time of the mark that can be taken back; empty: none. */
  marked: '',
  title: '',
  titleOpen: false,
  titleText: '',
  titleMax: MAX_TITLE_CHARS,
};
