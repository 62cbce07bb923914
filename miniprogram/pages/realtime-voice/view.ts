import type { StopAnswer } from '../../../contract/stream.ts';
import type { PauseReason, RecorderErrorCode, RecorderState } from '../../audio/recorder.types.ts';
import {
  ACTION_LABELS,
  type ErrorAction,
  errorTextFor,
  RECORDER_ERROR_TEXTS,
} from '../../services/error-text.ts';
import type { AnyErrorCode } from '../../services/local-errors.ts';
import type { VoiceStatus } from '../../services/voice-session.types.ts';
import { formatAudioTime, formatDuration } from '../../utils/format.ts';

/** Everything that the page shows of a recording except the transcript. */
export interface RecordingSnapshot {
  recorder: RecorderState;
  session: VoiceStatus;
  /** `stop` was called. */
  stopping: boolean;
  /** The newest error: why the session failed, or one that it still has to recover from. Null once it has recovered. */
  error: AnyErrorCode | null;
  answer: StopAnswer | null;
}

export type Phase = 'idle' | 'starting' | 'recording' | 'paused' | 'stopping' | 'done' | 'failed';
export type Tone = 'idle' | 'busy' | 'ok' | 'warn' | 'bad';
/** What the banner's button does; `none`: it has no button. */
export type BannerAction = ErrorAction | 'microphone' | 'continue' | 'open';

export interface Banner {
  tone: 'warn' | 'bad' | 'ok';
  title: string;
  hint: string;
  action: BannerAction;
  label: string;
}

export interface View {
  phase: Phase;
  /** A recording can be stopped or cancelled. */
  running: boolean;
  /** No recording is running: language and hot words can be changed. */
  editable: boolean;
  recordLabel: string;
  connection: { tone: Tone; text: string };
  elapsed: string;
  banner: Banner | null;
}

const PAUSE_TITLES: Record<Exclude<PauseReason, 'user'>, string> = {
  interrupted: '刚才的通话中断了录音',
  hidden: '刚才离开了小程序，录音已暂停',
  system: '手机中断了录音',
};

function phaseOf({ recorder, session, stopping, answer }: RecordingSnapshot): Phase {
  if (answer !== null) return 'done';
  if (recorder.name === 'failed' || session.state === 'failed') return 'failed';
  if (stopping) return 'stopping';
  if (recorder.name === 'paused') return 'paused';
  if (recorder.name === 'recording') return 'recording';
  return recorder.name === 'idle' ? 'idle' : 'starting';
}

/** Shown in place of the connection's state where the microphone could not be opened. */
const MICROPHONE_STATES: Record<RecorderErrorCode, string> = {
  denied: '未允许使用麦克风',
  'denied-system': '微信未获准使用麦克风',
  privacy: '未允许使用麦克风',
  busy: '麦克风被占用',
  failed: '麦克风打不开',
};

function connectionOf({ recorder, session, answer }: RecordingSnapshot): View['connection'] {
  if (answer !== null) return { tone: 'ok', text: '已保存' };
  if (recorder.name === 'failed') return { tone: 'bad', text: MICROPHONE_STATES[recorder.error.code] };
  switch (session.state) {
    case 'idle':
      return { tone: 'idle', text: '准备好了' };
    case 'connecting':
      return { tone: 'busy', text: '正在连接' };
    case 'live':
      return { tone: 'ok', text: '已连接' };
    case 'reconnecting':
      return {
        tone: 'warn',
        text: session.attempt > 1 ? `正在重连（第 ${session.attempt} 次）` : '正在重连',
      };
    case 'stopping':
      return { tone: 'busy', text: '正在保存' };
    case 'ended':
      return { tone: 'ok', text: '已结束' };
    case 'failed':
      return { tone: 'bad', text: '已断开' };
  }
}

const RECORD_LABELS: Record<Phase, string> = {
  idle: '点一下，开始说话',
  starting: '正在打开麦克风',
  recording: '点一下结束',
  paused: '点一下结束',
  stopping: '正在保存',
  done: '开始新的录音',
  failed: '开始新的录音',
};
const controlsOf = (phase: Phase): Pick<View, 'phase' | 'running' | 'editable' | 'recordLabel'> => ({
  phase,
  running: phase === 'starting' || phase === 'recording' || phase === 'paused',
  editable: phase === 'idle' || phase === 'done' || phase === 'failed',
  recordLabel: RECORD_LABELS[phase],
});

const seconds = (ms: number): number => Math.round(ms / 1000);
const messageBanner = (tone: Banner['tone'], title: string, hint = ''): Banner => ({
  tone,
  title,
  hint,
  action: 'none',
  label: '',
});

function pauseBanner({ recorder, session }: RecordingSnapshot): Banner | null {
  if (recorder.name !== 'paused' || recorder.reason === 'user') return null;
  const cached = session.state === 'reconnecting' ? seconds(session.bufferedMs) : 0;
  const hint = cached > 0 ? `连接中断，已缓存 ${cached} 秒，恢复后续传` : '';
  const inCall = recorder.reason === 'interrupted' && recorder.blocked;
  return {
    tone: 'warn',
    title: inCall ? '通话占用了麦克风，录音已暂停' : PAUSE_TITLES[recorder.reason],
    hint: hint || (inCall ? '通话结束后可以接着录。' : ''),
    action: 'continue',
    label: '继续',
  };
}

/** Less unsent audio than this is not mentioned, ms. */
const MIN_SHOWN_BUFFER_MS = 2_000;

function connectionBanner({ session, stopping }: RecordingSnapshot): Banner | null {
  const { state, bufferedMs, losses } = session;
  const cached = seconds(bufferedMs);
  const lostMs = losses
    .filter((loss) => loss.reason === 'client-overflow')
    .reduce((sum, loss) => sum + loss.endMs - loss.startMs, 0);
  if (state === 'reconnecting') {
    const lost = lostMs > 0 ? `缓存已满，较早的 ${formatDuration(lostMs)}没有识别` : '';
    if (cached === 0)
      return messageBanner('warn', stopping ? '连接中断，恢复后保存' : '连接中断，录音不受影响', lost);
    return messageBanner(
      'warn',
      `连接中断，已缓存 ${cached} 秒，恢复后${stopping ? '补传并保存' : '续传'}`,
      lost,
    );
  }
  if (bufferedMs < MIN_SHOWN_BUFFER_MS) return null;
  if (state === 'connecting') return messageBanner('warn', `正在连接，已缓存 ${cached} 秒，接通后立即识别`);
  if (state === 'live' || state === 'stopping')
    return messageBanner('ok', `已恢复连接，正在补传 ${cached} 秒录音`);
  return null;
}

function errorBanner(code: AnyErrorCode, fatal: boolean): Banner {
  const { title, hint, action } = errorTextFor(code);
  if (!fatal) return messageBanner('warn', title, hint);
  return {
    tone: code === 'TAKEN_OVER' ? 'warn' : 'bad',
    title,
    hint,
    action,
    label: action === 'none' ? '' : ACTION_LABELS[action],
  };
}

function recorderErrorBanner(code: RecorderErrorCode): Banner {
  const setting = code === 'denied';
  return {
    tone: 'bad',
    ...RECORDER_ERROR_TEXTS[code],
    action: setting ? 'microphone' : 'retry',
    label: setting ? '去设置' : ACTION_LABELS.retry,
  };
}

function doneBanner(answer: StopAnswer): Banner {
  if (answer.sentences === 0) return messageBanner('warn', '没有听到说话', '请靠近麦克风，再试一次。');
  return {
    tone: 'ok',
    title: `已保存 ${answer.sentences} 句，${formatDuration(answer.durationMs)}`,
    hint: '',
    action: 'open',
    label: '查看',
  };
}

function bannerOf(snapshot: RecordingSnapshot): Banner | null {
  const { recorder, session, error, answer } = snapshot;
  if (answer !== null) return doneBanner(answer);
  if (recorder.name === 'failed') return recorderErrorBanner(recorder.error.code);
  if (session.state === 'failed') return errorBanner(error ?? 'INTERNAL', true);
  return pauseBanner(snapshot) ?? connectionBanner(snapshot) ?? (error && errorBanner(error, false));
}

/** The view is a function of the present snapshot only, so no banner is shown longer than its reason holds. */
export const viewOf = (snapshot: RecordingSnapshot): View => ({
  ...controlsOf(phaseOf(snapshot)),
  // Nothing was recorded, so the next tap is a retry.
  ...(snapshot.recorder.name === 'failed' && { recordLabel: '点一下重试' }),
  connection: connectionOf(snapshot),
  elapsed: formatAudioTime(snapshot.session.recordedMs),
  banner: bannerOf(snapshot),
});

/** Before the first recording. */
export const IDLE_VIEW: View = {
  ...controlsOf('idle'),
  connection: { tone: 'idle', text: '准备好了' },
  elapsed: formatAudioTime(0),
  banner: null,
};
