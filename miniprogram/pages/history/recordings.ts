import {
  errorTextFor,
  formatDuration,
  type PendingOutcome,
  type PendingProgress,
  type PendingRecording,
  type PendingRecordings,
} from 'cloudbase-voice';
import type { Clock } from '../../../lib/clock.ts';

/** Recordings of this phone that the page shows; more are there after these are delivered. */
const MAX_SHOWN = 20;

/** A recording of this phone that is not delivered yet, as a row of the history. */
export interface RecordingRow {
  sessionId: string;
  /** `待上传 2 分 14 秒` */
  title: string;
  hint: string;
  tone: 'busy' | 'warn' | 'bad';
  /** How much of it is sent, 0…100; −1: nothing is being sent. */
  percent: number;
  /** The button of the row; empty: none. */
  label: string;
  action: 'none' | 'record' | 'upload' | 'discard';
  /** Whether the user may discard it. */
  discardable: boolean;
}

type Shown = Omit<RecordingRow, 'sessionId' | 'title'> & { name: string };
const DISCARDABLE = { percent: -1, discardable: true } as const;

function shownAs({ state, recordedMs, remainingMs, error }: PendingRecording): Shown {
  // given up after a while, without an answer
  const title = error === 'SESSION_CLOSED' ? '没有连上服务' : error && errorTextFor(error).title;
  const reason = title ? `${title}，` : '';
  const busy = { tone: 'busy', percent: -1, label: '', action: 'none', discardable: false } as const;
  switch (state) {
    case 'recording':
      return {
        ...busy,
        name: '正在录音',
        hint: '文字会出现在「实时」页。',
        label: '去看看',
        action: 'record',
      };
    case 'saving':
      return {
        ...busy,
        name: '正在保存',
        hint: '等网络可用，或等最后几句识别完。',
        label: '去看看',
        action: 'record',
      };
    case 'uploading': {
      const percent = recordedMs > 0 ? Math.floor((100 * (recordedMs - remainingMs)) / recordedMs) : 100;
      const hint = remainingMs > 0 ? `还剩 ${formatDuration(remainingMs)}` : '已传完，等最后几句识别完';
      return { ...busy, name: '正在上传', hint, percent: Math.max(0, Math.min(100, percent)) };
    }
    case 'waiting':
    case 'unfinished':
      return {
        ...DISCARDABLE,
        name: state === 'waiting' ? '待上传' : '没有录完',
        hint: `${reason}${state === 'waiting' ? '录音在手机上，请在 24 小时内上传。' : '录到一半应用被关闭，已录下的可以上传。'}`,
        tone: 'warn',
        label: '上传',
        action: 'upload',
      };
    case 'expired':
      return {
        ...DISCARDABLE,
        name: '不能再上传',
        hint: errorTextFor('TOO_OLD').hint,
        tone: 'bad',
        label: '丢弃',
        action: 'discard',
      };
  }
}

export const recordingRows = (recordings: readonly PendingRecording[]): RecordingRow[] =>
  recordings.slice(0, MAX_SHOWN).map((recording) => {
    const { name, ...row } = shownAs(recording);
    const title = recording.title === '' ? '' : ` · ${recording.title}`;
    return {
      sessionId: recording.sessionId,
      title: `${name} ${formatDuration(recording.recordedMs)}${title}`,
      ...row,
    };
  });

/** Asked before a recording is discarded. @param received whether the service has a part of it */
export const discardQuestion = (received: boolean) => ({
  title: '丢弃这段录音？',
  content: received
    ? '手机上还没有上传的部分会被删除，不能恢复；已经识别出来的文字留在历史里。'
    : '它会从手机上删除，不能恢复。',
  confirmText: '丢弃',
  cancelText: '保留',
});

/** While something is being recorded, its length is read this often, ms: as often as it is saved. */
const REREAD_EVERY_MS = 5_000;
/** While something is being saved, which mostly takes a moment. */
const REREAD_SOON_MS = 1_000;

/** States that end by themselves. */
const PASSING: ReadonlySet<PendingRecording['state']> = new Set(['recording', 'saving', 'uploading']);

/** Of {@link PendingRecordings}, what the list uses. */
export type PendingSource = Pick<PendingRecordings, 'list' | 'on' | 'resume' | 'discard' | 'busy'>;

/** The recordings of this phone that are not delivered yet, as rows that follow what happens to them. */
export class RecordingList {
  readonly #source: PendingSource;
  readonly #clock: Clock;
  readonly #changed: (rows: RecordingRow[]) => void;
  readonly #stopListening: (() => void)[];
  #recordings: PendingRecording[] = [];
  #visible = false;
  #reading: Promise<void> | null = null;
  #readAgain = false;
  #stopTimer: () => void = () => {};

  /**
   * @param handlers.changed the rows are others
   * @param handlers.finished what could be delivered is: sessions may have come
   */
  constructor(
    source: PendingSource,
    clock: Clock,
    handlers: {
      changed: (rows: RecordingRow[]) => void;
      finished: (outcomes: readonly PendingOutcome[]) => void;
    },
  ) {
    this.#source = source;
    this.#clock = clock;
    this.#changed = handlers.changed;
    this.#stopListening = [
      source.on('progress', (progress) => this.#progressed(progress)),
      source.on('finished', (outcomes) => {
        void this.#read();
        if (outcomes.length > 0) handlers.finished(outcomes);
      }),
    ];
  }

  /** For the page's `onShow`. */
  show(): void {
    this.#visible = true;
    void this.#read();
  }

  /** For the page's `onHide`. */
  hide(): void {
    this.#visible = false;
    this.#stopTimer();
  }

  dispose(): void {
    this.hide();
    for (const stop of this.#stopListening) stop();
  }

  /** Delivers all that wait, this one among them; the rows follow. */
  upload(): void {
    void this.#source.resume();
  }

  /** Deletes a recording from the phone. */
  async discard(sessionId: string): Promise<void> {
    await this.#source.discard(sessionId);
    await this.#read();
  }

  #progressed({ sessionId, remainingMs }: PendingProgress): void {
    const known = this.#recordings.find((recording) => recording.sessionId === sessionId);
    if (known?.state !== 'uploading') {
      void this.#read();
      return;
    }
    this.#recordings = this.#recordings.map((one) => (one === known ? { ...known, remainingMs } : one));
    this.#changed(recordingRows(this.#recordings));
  }

  /** Asked again while it reads, it reads once more afterwards: what it has read may be old then. */
  #read(): Promise<void> {
    this.#readAgain = this.#reading !== null;
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = null;
      if (this.#readAgain) void this.#read();
    });
    return this.#reading;
  }

  async #readOnce(): Promise<void> {
    this.#recordings = await this.#source.list().catch(() => []);
    this.#changed(recordingRows(this.#recordings));
    this.#stopTimer();
    // What was read may have ended since, so that nothing is busy any more.
    const passes = this.#recordings.some(({ state }) => PASSING.has(state));
    if (!this.#visible || !(this.#source.busy || passes)) return;
    const isSaving = this.#recordings.some(({ state }) => state === 'saving');
    const waitMs = isSaving ? REREAD_SOON_MS : REREAD_EVERY_MS;
    this.#stopTimer = this.#clock.after(waitMs, () => void this.#read());
  }
}
