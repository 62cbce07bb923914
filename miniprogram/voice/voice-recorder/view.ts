import type { RecordingSnapshot } from '../recording/recording-phase.ts';
import {
  IDLE_RECORDING,
  type RecordingAction,
  type RecordingView,
  recordingViewOf,
} from '../recording/view.ts';
import type { Line } from '../session/voice-session.types.ts';

/** Lines that are shown; the whole transcript is in the event `lines`. */
const MAX_SHOWN_LINES = 50;

/** What the component's banner can do. For the others it offers to try again, where that is any use. */
const OFFERED: ReadonlySet<RecordingAction> = new Set([
  'retry',
  'new',
  'take-back',
  'microphone',
  'continue',
]);
const AGAIN: RecordingAction = 'retry';
const AGAIN_LABEL = '重试';

/** A line as the template reads it. */
export interface ShownLine {
  index: number;
  text: string;
  final: boolean;
}

export interface RecorderData {
  phase: RecordingView['phase'];
  running: boolean;
  recordLabel: string;
  buttonText: string;
  tone: RecordingView['connection']['tone'];
  status: string;
  elapsed: string;
  banner: RecordingView['banner'];
  lines: ShownLine[];
  /** The end of the text has two names in turn: the same one twice would not scroll. */
  anchor: 'end-a' | 'end-b';
}

const BUTTON_TEXTS: Record<RecordingView['phase'], string> = {
  idle: '开始录音',
  starting: '正在打开麦克风',
  recording: '结束',
  paused: '结束',
  stopping: '正在保存',
  done: '再录一段',
  failed: '再录一段',
};

function bannerOf({ banner }: RecordingView): RecordingView['banner'] {
  if (banner === null || banner.action === 'none' || OFFERED.has(banner.action)) return banner;
  if (banner.action === 'test') return { ...banner, action: AGAIN, label: AGAIN_LABEL };
  return { ...banner, action: 'none', label: '' };
}

const dataOf = (view: RecordingView): Omit<RecorderData, 'lines' | 'anchor'> => ({
  phase: view.phase,
  running: view.running,
  recordLabel: view.recordLabel,
  buttonText: BUTTON_TEXTS[view.phase],
  tone: view.connection.tone,
  status: view.connection.text,
  elapsed: view.elapsed,
  banner: bannerOf(view),
});

/** Everything that the component shows beside the text. */
export const recorderData = (snapshot: RecordingSnapshot): Omit<RecorderData, 'lines' | 'anchor'> =>
  dataOf(recordingViewOf(snapshot));

/** Before the first recording. */
export const IDLE_DATA: RecorderData = { ...dataOf(IDLE_RECORDING), lines: [], anchor: 'end-a' };

/** The newest lines. @param before where the text was scrolled to */
export const linesData = (
  lines: readonly Line[],
  before: RecorderData['anchor'],
): Pick<RecorderData, 'lines' | 'anchor'> => ({
  lines: lines.slice(-MAX_SHOWN_LINES).map(({ index, text, final }) => ({ index, text, final })),
  anchor: before === 'end-a' ? 'end-b' : 'end-a',
});
