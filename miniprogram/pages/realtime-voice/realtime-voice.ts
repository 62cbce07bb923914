import {
  formatAudioTime,
  IDLE_RECORDING,
  openMicrophoneSetting,
  PageData,
  type RecordingAction,
  type RecordingView,
  recordingViewOf,
} from 'cloudbase-voice';
import { ENGINES } from '../../../contract/engines.ts';
import { wellFormed } from '../../../contract/text.ts';
import { systemClock } from '../../../lib/clock.ts';
import { LevelBars, SILENT_BARS } from '../../components/level-meter/bars.ts';
import { currentRecording } from '../../services/app-recording.ts';
import { appVoice } from '../../services/app-services.ts';
import type { CurrentRecording } from '../../services/current-recording.ts';
import { copyText } from '../../utils/clipboard.ts';
import { parseHotwords } from '../../utils/hotwords.ts';
import { LEFT_NOTICE, pendingNotice } from '../../utils/pending-notice.ts';
import { demoPhrases, readSettings, writeSettings } from '../../utils/settings.ts';
import { shareCard } from '../../utils/share.ts';
import { textSize } from '../../utils/text-size-behavior.ts';
import { INITIAL } from './data.ts';
import { afterScroll, FOLLOWING, type Follow } from './follow.ts';
import { REALTIME_ENGINES, voiceOptions } from './options.ts';
import { hiddenRows, plainText, rowsOf, showEarlier, type TranscriptRow } from './rows.ts';

/** A shorter recording without text is cancelled without confirmation, ms. */
const CONFIRM_CANCEL_MS = 3_000;

/** Most problems of hot words that are named at once. */
const MAX_SHOWN_PROBLEMS = 3;

/** How long a mark can be taken back with one tap, ms. */
const UNDO_MS = 6_000;

interface InputEvent {
  detail: { value: string };
}
interface ScrollEvent {
  detail: { scrollTop: number; scrollHeight: number };
}

Page({
  behaviors: [textSize],
  data: INITIAL,

  view: undefined as unknown as PageData<typeof INITIAL>,
  current: undefined as unknown as CurrentRecording,
  subscriptions: [] as (() => void)[],
  /** The page is on the screen. */
  shown: false,
  bars: undefined as unknown as LevelBars,
  allRows: [] as TranscriptRow[],
  hotwordsTyped: '',
  titleTyped: '',
  markedMs: null as number | null,
  stopUndoTimer() {},
  follow: FOLLOWING as Follow,
  /** Height of the transcript's scroll view, px; 0 while it is not known. */
  viewHeight: 0,

  onLoad() {
    this.view = new PageData((patch) => this.setData(patch), systemClock, INITIAL);
    this.bars = new LevelBars();
    this.current = currentRecording();
    this.subscriptions = [
      this.current.on('changed', () => this.showState()),
      this.current.on('text', () => this.showText()),
      this.current.on('level', (level) => this.view.set({ levels: this.bars.add(level) })),
    ];
    this.showState();
    this.showText();
    const phrases = demoPhrases();
    this.view.set({
      phrases,
      ...(phrases.length > 0 && { welcomeHint: '演示模式：请朗读下面任意一句，其他内容只显示时长。' }),
    });
  },

  onReady() {
    this.measure();
  },

  onShareAppMessage: shareCard,
  onShow() {
    this.shown = true;
    this.view.show();
    this.current.seen();
    this.showSettings();
    this.measure();
    if (!this.state().running) void this.deliverPending();
  },

  onResize() {
    this.measure();
  },

  onHide() {
    this.shown = false;
    this.view.hide();
  },

  /** The recording goes on without the page. */
  onUnload() {
    for (const off of this.subscriptions.splice(0)) off();
    this.stopUndoTimer();
    this.view.dispose();
  },

  /** What is true now; the view may show it a moment later. */
  state(): RecordingView {
    const { snapshot } = this.current;
    return snapshot ? recordingViewOf(snapshot) : IDLE_RECORDING;
  },

  // --- recording --------------------------------------------------------------------------------------

  tapRecord() {
    const { phase, running, editable } = this.state();
    // The second tap of two in a row means the same as the first; to end it before it has begun there is 「取消」.
    if (phase === 'starting' && this.recordedMs() === 0) return;
    if (running) this.current.stop();
    else if (editable) this.begin();
  },

  recordedMs(): number {
    return this.current.snapshot?.session.recordedMs ?? 0;
  },

  begin() {
    const settings = readSettings();
    this.clear();
    this.current.begin(voiceOptions(settings), ENGINES[settings.engine].sampleRateHz);
  },

  tapPause() {
    this.current.pause();
  },
  tapResume() {
    this.current.resume();
  },

  async tapCancel() {
    const asked = this.current.snapshot?.session.sessionId;
    if (this.allRows.length > 0 || this.recordedMs() > CONFIRM_CANCEL_MS) {
      const { confirm } = await wx.showModal({
        title: '取消这次录音？',
        content: '录音和文字都不会保存。',
        confirmText: '不保存',
        cancelText: '接着录',
      });
      if (!confirm) return;
    }
    // It may have ended by itself while the question was asked.
    if (asked !== this.current.snapshot?.session.sessionId || !this.state().running) return;
    this.current.cancel();
    this.clear();
  },

  /** While `stop` waits for the network: leaves the recording on the phone, to be delivered later. */
  tapLater() {
    const kept = this.current.leave();
    this.clear();
    if (kept) this.view.set({ notice: LEFT_NOTICE });
  },

  tapClear() {
    this.current.dismiss();
    this.clear();
  },

  async tapCopy() {
    const { lines, marks, snapshot } = this.current;
    if (snapshot === null) return;
    const text = plainText(lines, snapshot.session.losses, marks);
    await copyText(text, { done: '已复制全文', otherwise: '也可以长按文字选择后复制。' });
  },

  async tapBanner() {
    const action: RecordingAction = this.state().banner?.action ?? 'none';
    switch (action) {
      case 'continue':
        this.current.resume();
        break;
      case 'take-back':
      case 'retry':
        if (this.current.snapshot?.session.state === 'failed') this.current.reclaim();
        else this.begin();
        break;
      case 'new':
        this.begin();
        break;
      case 'microphone':
        if (await openMicrophoneSetting()) this.begin();
        break;
      case 'open':
        void wx.navigateTo({ url: `/pages/session/session?id=${this.current.snapshot?.answer?.id ?? ''}` });
        break;
      case 'test':
      case 'options':
        void wx.switchTab({ url: '/pages/settings/settings' });
        break;
      case 'none':
        break;
    }
  },

  /** Delivers recordings that an earlier run of the app has saved; shows a notice only where there were any. */
  async deliverPending() {
    const notice = pendingNotice(await appVoice().resumePending());
    if (notice !== null) this.view.set({ notice });
  },
  tapNotice() {
    const notice = this.view.get('notice');
    this.view.set({ notice: null });
    if (notice?.action === 'resume') void this.deliverPending();
    if (notice?.action === 'open')
      void wx.navigateTo({ url: `/pages/session/session?id=${notice.sessionId}` });
  },

  // --- marks and title --------------------------------------------------------------------------------

  tapMark() {
    const ms = this.current.mark();
    if (ms === null) {
      if (this.current.marks.length > 0) void wx.showToast({ title: '标记已满', icon: 'none' });
      return;
    }
    // Not every phone can vibrate.
    wx.vibrateShort({ type: 'light', fail: () => undefined });
    this.showUndo(ms);
    this.stopUndoTimer = systemClock.after(UNDO_MS, () => this.showUndo(null));
  },
  tapUndoMark() {
    if (this.markedMs !== null) this.current.unmark(this.markedMs);
    this.showUndo(null);
  },
  showUndo(ms: number | null) {
    this.stopUndoTimer();
    this.markedMs = ms;
    this.view.set({ marked: ms === null ? '' : formatAudioTime(ms) });
    this.measure();
  },

  openTitle() {
    this.titleTyped = this.current.title;
    this.view.set({ titleOpen: true, titleText: this.titleTyped });
  },
  closeTitle() {
    this.view.set({ titleOpen: false, titleText: this.titleTyped });
  },
  typeTitle({ detail }: InputEvent) {
    this.titleTyped = detail.value;
  },
  saveTitle() {
    this.current.rename(wellFormed(this.titleTyped).trim());
    this.closeTitle();
  },

  // --- view -------------------------------------------------------------------------------------------

  showState() {
    const state = this.state();
    const sameHeight = state.banner?.hint === this.view.get('banner')?.hint;
    this.view.set({ ...state, title: this.current.title });
    if (this.shown) this.current.seen();
    if (sameHeight) return;
    this.measure();
    if (this.follow.following) this.toEnd();
  },

  showText() {
    const { lines, marks, snapshot } = this.current;
    this.allRows = rowsOf(lines, snapshot?.session.losses ?? [], marks);
    this.view.set({ marks: marks.length });
    const hidden = this.follow.following
      ? hiddenRows(this.allRows.length, this.view.get('hidden'))
      : this.view.get('hidden');
    this.showRows(hidden);
    if (this.follow.following) this.toEnd();
  },

  showRows(hidden: number) {
    this.view.setFirst({ rows: this.allRows.slice(hidden), hidden });
  },

  clear() {
    this.allRows = [];
    this.follow = FOLLOWING;
    this.bars = new LevelBars();
    this.view.set({ rows: [], hidden: 0, following: true, levels: SILENT_BARS, notice: null });
    this.showUndo(null);
  },

  // --- scrolling --------------------------------------------------------------------------------------

  /** Reads the height of the scroll view; to be called when an element below it appears or disappears. */
  measure() {
    this.viewHeight = 0;
    wx.createSelectorQuery()
      .in(this)
      .select('.scroll')
      .boundingClientRect()
      .exec(([rect]: ({ height: number } | null)[]) => {
        this.viewHeight = rect?.height ?? 0;
      });
  },

  onScroll({ detail }: ScrollEvent) {
    // A change of the height also scrolls; with the old height it would look like scrolling by the user.
    if (this.viewHeight === 0) return;
    this.follow = afterScroll(this.follow, { ...detail, viewHeight: this.viewHeight });
    this.showFollowing();
  },

  showFollowing() {
    const { following } = this.follow;
    if (following === this.view.get('following')) return;
    this.view.set({ following });
    this.measure();
  },

  /** Two anchors in turn, because `scroll-into-view` with the same value twice does not scroll. */
  toEnd() {
    this.view.set({ anchor: this.data.anchor === 'end-a' ? 'end-b' : 'end-a' });
  },

  tapLatest() {
    this.follow = FOLLOWING;
    this.showFollowing();
    this.toEnd();
  },

  tapEarlier() {
    this.follow = { ...this.follow, following: false };
    this.showFollowing();
    this.showRows(showEarlier(this.view.get('hidden')));
  },

  // --- options ----------------------------------------------------------------------------------------

  showSettings() {
    const { engine, hotwords } = readSettings();
    this.view.set({
      engineIndex: Math.max(0, REALTIME_ENGINES.indexOf(engine)),
      hotwordCount: parseHotwords(hotwords).hotwords.length,
    });
  },

  pickEngine({ detail }: { detail: { value: string | number } }) {
    const engine = REALTIME_ENGINES[Number(detail.value)];
    if (engine !== undefined) writeSettings({ engine });
    this.showSettings();
  },

  openHotwords() {
    this.hotwordsTyped = readSettings().hotwords;
    this.view.set({ hotwordsOpen: true, hotwordsText: this.hotwordsTyped, hotwordProblems: [] });
  },
  closeHotwords() {
    this.view.set({ hotwordsOpen: false, hotwordsText: this.hotwordsTyped });
  },
  /** The text is not sent back: the view has it, and an older one would overwrite what is typed meanwhile. */
  typeHotwords({ detail }: InputEvent) {
    this.hotwordsTyped = detail.value;
    this.view.set({ hotwordProblems: [] });
  },
  /** Entries that cannot be used are named first; the second tap leaves them out. */
  saveHotwords() {
    const { problems } = parseHotwords(this.hotwordsTyped);
    if (problems.length > 0 && this.view.get('hotwordProblems').length === 0) {
      const more = problems.length - MAX_SHOWN_PROBLEMS;
      const shown = problems.slice(0, MAX_SHOWN_PROBLEMS);
      this.view.set({ hotwordProblems: more > 0 ? [...shown, `还有 ${more} 处`] : shown });
      return;
    }
    writeSettings({ hotwords: this.hotwordsTyped });
    this.closeHotwords();
    this.showSettings();
  },
});
