import type { StopAnswer } from '../../../contract/stream.ts';
import { ACTION_LABELS, type ErrorAction, errorTextFor, RECORDER_ERROR_TEXTS } from '../error-text.ts';
import type { PauseReason, RecorderErrorCode } from '../recorder/recorder.types.ts';
import type { AnyErrorCode } from '../session/local-errors.ts';
import type { QueueStatus, VoiceStatus } from '../session/voice-session.types.ts';
import { formatAudioTime, formatDuration } from './format.ts';
import { type Phase, phaseOf, type RecordingSnapshot } from './recording-phase.ts';

/** How serious something is, for its colour: `idle`: nothing is going on; `busy`: in progress; `ok`; `warn`: it is handled without the user; `bad`: the user has to act. */
export type Tone = 'idle' | 'busy' | 'ok' | 'warn' | 'bad';
/**
 * What the banner's button does, besides the actions of errors: `microphone`: `openMicrophoneSetting`; `continue`: resumes the paused
 * recording; `open`: shows the stored record.
 */
export type RecordingAction = ErrorAction | 'microphone' | 'continue' | 'open';

/** A message above the transcript, in Chinese. */
export interface RecordingBanner {
  /** How serious it is. */
  tone: 'warn' | 'bad' | 'ok';
  /** Short: what has happened. */
  title: string;
  /** What it means and what the user can do; empty where the title says it all. */
  hint: string;
  /** What its button does; `none`: it has no button. */
  action: RecordingAction;
  /** Text of its button; empty where it has none. */
  label: string;
}

/** What a page shows of a recording besides the transcript, as texts in Chinese: see {@link recordingViewOf}. */
export interface RecordingView {
  /** The phase that the rest is about. */
  phase: Phase;
  /** A recording can be stopped or cancelled. */
  running: boolean;
  /** No recording is running: language and hot words can be changed. */
  editable: boolean;
  /** Text at the record button. */
  recordLabel: string;
  /** State of the connection, or what has become of the recording. */
  connection: {
    /** How serious it is. */
    tone: Tone;
    /** Such as `已连接` or `正在重连（第 2 次）`. */
    text: string;
  };
  /** Audio recorded so far, as {@link formatAudioTime} writes it. */
  elapsed: string;
  /** The one message that matters most now; null: there is none. */
  banner: RecordingBanner | null;
}

const PAUSE_TITLES: Record<Exclude<PauseReason, 'user'>, string> = {
  interrupted: '刚才的通话中断了录音',
  hidden: '刚才离开了小程序，录音已暂停',
  system: '手机中断了录音',
};

const READY: RecordingView['connection'] = { tone: 'idle', text: '准备好了' };

/** Shown in place of the connection's state where the microphone could not be opened. */
const MICROPHONE_STATES: Record<RecorderErrorCode, string> = {
  denied: '未允许使用麦克风',
  'denied-system': '微信未获准使用麦克风',
  privacy: '未允许使用麦克风',
  busy: '麦克风被占用',
  failed: '麦克风打不开',
};

const attempts = (text: string, attempt: number): string =>
  attempt > 1 ? `${text}（第 ${attempt} 次）` : text;

/** While there is no connection. */
function linkOf({ link, attempt }: VoiceStatus): RecordingView['connection'] {
  if (link === 'down') return { tone: 'warn', text: attempts('正在重连', attempt) };
  return { tone: attempt > 1 ? 'warn' : 'busy', text: attempts('正在连接', attempt) };
}

const seconds = (ms: number): number => Math.round(ms / 1000);

/** Text that is less behind than this is not mentioned: a `progress` comes once a second, and a recogniser takes its time. */
const MIN_SHOWN_LAG_MS = 3_000;

const lagOf = ({ lagMs }: VoiceStatus): RecordingView['connection'] =>
  lagMs < MIN_SHOWN_LAG_MS
    ? { tone: 'ok', text: '已连接' }
    : { tone: 'busy', text: `正在追上，慢 ${seconds(lagMs)} 秒` };

function connectionOf({
  recorder,
  session,
  discarded,
  answer,
}: RecordingSnapshot): RecordingView['connection'] {
  if (answer !== null) return { tone: 'ok', text: '已保存' };
  if (discarded) return READY;
  if (recorder.name === 'failed') return { tone: 'bad', text: MICROPHONE_STATES[recorder.error.code] };
  switch (session.state) {
    case 'idle':
      return READY;
    case 'connecting':
    case 'reconnecting':
      return linkOf(session);
    case 'live':
      return session.queue ? { tone: 'warn', text: '正在排队' } : lagOf(session);
    case 'stopping':
      if (session.link !== 'up') return linkOf(session);
      return session.queue ? { tone: 'warn', text: '正在排队' } : { tone: 'busy', text: '正在保存' };
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
const controlsOf = (phase: Phase): Pick<RecordingView, 'phase' | 'running' | 'editable' | 'recordLabel'> => ({
  phase,
  running: phase === 'starting' || phase === 'recording' || phase === 'paused',
  editable: phase === 'idle' || phase === 'done' || phase === 'failed',
  recordLabel: RECORD_LABELS[phase],
});

const messageBanner = (tone: RecordingBanner['tone'], title: string, hint = ''): RecordingBanner => ({
  tone,
  title,
  hint,
  action: 'none',
  label: '',
});

function pauseBanner({ recorder, session }: RecordingSnapshot): RecordingBanner | null {
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

/** Less unsent audio than this is not mentioned while it is on its way, ms. */
const MIN_SHOWN_BUFFER_MS = 2_000;
/** While the recording is being saved and that takes longer. */
const MAY_LEAVE = '不想等，可以点「稍后再传」：录音留在手机上。';

const sentences = (...parts: string[]): string => parts.filter(Boolean).join(' ');

/** Says that audio was lost because the phone's buffer is full; empty where none was. */
function overflowText({ losses }: VoiceStatus): string {
  const lostMs = losses
    .filter((loss) => loss.reason === 'client-overflow')
    .reduce((sum, loss) => sum + loss.endMs - loss.startMs, 0);
  return lostMs > 0 ? `缓存已满，较早的 ${formatDuration(lostMs)}没有识别。` : '';
}

/** There is no connection: what is kept, what happens to it, and why it is taking so long where the service has said. */
function unconnectedBanner({ session, stopping, error }: RecordingSnapshot): RecordingBanner | null {
  const { link, bufferedMs } = session;
  const cached = seconds(bufferedMs);
  const lost = overflowText(session);
  const hint = sentences(lost, stopping ? MAY_LEAVE : '');
  const kept = cached > 0 ? `已缓存 ${cached} 秒，` : '';
  if (error !== null) {
    const refusal = errorTextFor(error);
    return messageBanner('warn', refusal.title, sentences(refusal.hint, kept && `${kept}接通后补上。`, hint));
  }
  if (link === 'connecting') {
    if (stopping) return messageBanner('warn', `正在连接，${kept}接通后识别并保存`, hint);
    if (bufferedMs < MIN_SHOWN_BUFFER_MS) return null;
    return messageBanner('warn', `正在连接，${kept}接通后立即识别`, hint);
  }
  const next = stopping ? (kept ? '恢复后补传并保存' : '恢复后保存') : kept ? '恢复后续传' : '录音不受影响';
  return messageBanner('warn', `连接中断，${kept}${next}`, hint);
}

function queueBanner(session: VoiceStatus, { place, waitMs }: QueueStatus): RecordingBanner {
  const before = place ? `排在第 ${place} 位` : '';
  const wait = waitMs ? `大约等 ${formatDuration(Math.max(1_000, waitMs))}` : '';
  const known = [before, wait].filter(Boolean).join('，');
  const lost = overflowText(session);
  const kept = `${lost ? '其余的录音' : '录音'}已保留，轮到后自动补上文字。`;
  const hint = sentences(lost, `${known && `${known}。`}${kept}`);
  return messageBanner('warn', '识别服务繁忙，正在排队', hint);
}

function connectionBanner(snapshot: RecordingSnapshot): RecordingBanner | null {
  const { state, link, queue, bufferedMs } = snapshot.session;
  if (state === 'idle' || state === 'ended') return null;
  if (link !== 'up') return unconnectedBanner(snapshot);
  if (queue) return queueBanner(snapshot.session, queue);
  if (bufferedMs < MIN_SHOWN_BUFFER_MS) return null;
  const cached = seconds(bufferedMs);
  if (state === 'stopping') return messageBanner('ok', `正在补传 ${cached} 秒录音，传完就保存`);
  return messageBanner('ok', `已恢复连接，正在补传 ${cached} 秒录音`);
}

function errorBanner(code: AnyErrorCode, fatal: boolean): RecordingBanner {
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

function recorderErrorBanner(code: RecorderErrorCode): RecordingBanner {
  const setting = code === 'denied';
  return {
    tone: 'bad',
    ...RECORDER_ERROR_TEXTS[code],
    action: setting ? 'microphone' : 'retry',
    label: setting ? '去设置' : ACTION_LABELS.retry,
  };
}

function doneBanner(answer: StopAnswer): RecordingBanner {
  if (answer.sentences === 0) return messageBanner('warn', '没有听到说话', '请靠近麦克风，再试一次。');
  return {
    tone: 'ok',
    title: `已保存 ${answer.sentences} 句，${formatDuration(answer.durationMs)}`,
    hint: '',
    action: 'open',
    label: '查看',
  };
}

function bannerOf(snapshot: RecordingSnapshot): RecordingBanner | null {
  const { recorder, session, discarded, error, answer } = snapshot;
  if (answer !== null) return doneBanner(answer);
  if (discarded)
    return messageBanner('warn', '还没有录到声音', '录音还没开始就结束了。再点一次，看到计时后说话。');
  if (recorder.name === 'failed') return recorderErrorBanner(recorder.error.code);
  if (session.state === 'failed') return errorBanner(error ?? 'INTERNAL', true);
  return pauseBanner(snapshot) ?? connectionBanner(snapshot) ?? (error && errorBanner(error, false));
}

/** What a page shows of a snapshot. It depends on that snapshot only, so no banner is shown longer than its reason holds. */
export const recordingViewOf = (snapshot: RecordingSnapshot): RecordingView => ({
  ...controlsOf(phaseOf(snapshot)),
  // Nothing was recorded, so the next tap is a retry.
  ...(snapshot.recorder.name === 'failed' && { recordLabel: '点一下重试' }),
  connection: connectionOf(snapshot),
  elapsed: formatAudioTime(snapshot.session.recordedMs),
  banner: bannerOf(snapshot),
});

/** What a page shows before the first recording. */
export const IDLE_RECORDING: RecordingView = {
  ...controlsOf('idle'),
  connection: READY,
  elapsed: formatAudioTime(0),
  banner: null,
};
