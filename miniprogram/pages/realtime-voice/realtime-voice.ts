import { ENGINES } from '../../../contract/engines.ts';
import { systemClock } from '../../../lib/clock.ts';
import { createWxRecorder, openMicrophoneSetting } from '../../audio/wx-recorder.ts';
import { LevelBars, SILENT_BARS } from '../../components/level-meter/bars.ts';
import { createVoiceSession, resumePending } from '../../services/voice-session.ts';
import { copyText } from '../../utils/clipboard.ts';
import { parseHotwords } from '../../utils/hotwords.ts';
import { PageData } from '../../utils/page-data.ts';
import { LEFT_NOTICE, type PendingNotice, pendingNotice } from '../../utils/pending-notice.ts';
import { demoPhrases, readSettings, writeSettings } from '../../utils/settings.ts';
import { shareCard } from '../../utils/share.ts';
import { afterScroll, FOLLOWING, type Follow } from './follow.ts';
import { ENGINE_LABELS, REALTIME_ENGINES, voiceOptions } from './options.ts';
import { Recording } from './recording.ts';
import { hiddenRows, plainText, rowsOf, showEarlier, type TranscriptRow } from './rows.ts';
import { type BannerAction, IDLE_VIEW, type View, viewOf } from './view.ts';

/** A shorter recording without text is cancelled without confirmation, ms. */
const CONFIRM_CANCEL_MS = 3_000;

/** Most problems of hot words that are named at once. */
const MAX_SHOWN_PROBLEMS = 3;

interface ScrollEvent {
  detail: { scrollTop: number; scrollHeight: number };
}

const INITIAL = {
  ...IDLE_VIEW,
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
};

Page({
  data: INITIAL,

  view: undefined as unknown as PageData<typeof INITIAL>,
  recording: undefined as Recording | undefined,
  bars: undefined as unknown as LevelBars,
  allRows: [] as TranscriptRow[],
  hotwordsTyped: '',
  follow: FOLLOWING as Follow,
  /** Height of the transcript's scroll view, px; 0 while it is not known. */
  viewHeight: 0,

  onLoad() {
    this.view = new PageData((patch) => this.setData(patch), systemClock, INITIAL);
    this.bars = new LevelBars();
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
    this.view.show();
    this.showSettings();
    this.measure();
    if (!this.state().running) void this.deliverPending();
  },

  onHide() {
    this.view.hide();
  },

  onUnload() {
    this.view.dispose();
    this.recording?.dispose();
  },

  /** What is true now; the view may show it a moment later. */
  state(): View {
    return this.recording ? viewOf(this.recording.snapshot) : IDLE_VIEW;
  },

  // --- recording --------------------------------------------------------------------------------------

  tapRecord() {
    const { phase, running, editable } = this.state();
    // The second tap of two in a row means the same as the first; to end it before it has begun there is 「取消」.
    if (phase === 'starting' && this.recordedMs() === 0) return;
    if (running) void this.recording?.stop();
    else if (editable) this.begin();
  },

  recordedMs(): number {
    return this.recording?.snapshot.session.recordedMs ?? 0;
  },

  begin() {
    const settings = readSettings();
    this.recording?.dispose();
    this.clear();
    const recorder = createWxRecorder({ sampleRateHz: ENGINES[settings.engine].sampleRateHz });
    const recording = new Recording(recorder, createVoiceSession(), {
      changed: () => this.showState(),
      text: () => this.showText(),
      level: (level) => this.view.set({ levels: this.bars.add(level) }),
    });
    this.recording = recording;
    void recording.start(voiceOptions(settings));
  },

  tapPause() {
    this.recording?.pause();
  },
  tapResume() {
    this.recording?.resume();
  },

  async tapCancel() {
    const { recording } = this;
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
    if (recording === undefined || recording !== this.recording || !this.state().running) return;
    this.recording = undefined;
    this.clear();
    this.showState();
    await recording.cancel();
  },

  /** While `stop` waits for the network: leaves the recording on the phone, to be delivered later. */
  tapLater() {
    const kept = this.recording?.leave() ?? false;
    this.recording = undefined;
    this.clear();
    this.showState();
    if (kept) this.view.set({ notice: LEFT_NOTICE });
  },

  tapClear() {
    this.recording?.dispose();
    this.recording = undefined;
    this.clear();
    this.showState();
  },

  async tapCopy() {
    const { recording } = this;
    if (recording === undefined) return;
    const text = plainText(recording.lines, recording.snapshot.session.losses);
    await copyText(text, { done: '已复制全文', otherwise: '也可以长按文字选择后复制。' });
  },

  async tapBanner() {
    const action: BannerAction = this.state().banner?.action ?? 'none';
    switch (action) {
      case 'continue':
        this.recording?.resume();
        break;
      case 'take-back':
      case 'retry':
        if (this.recording?.snapshot.session.state === 'failed') void this.recording.reclaim();
        else this.begin();
        break;
      case 'new':
        this.begin();
        break;
      case 'microphone':
        if (await openMicrophoneSetting()) this.begin();
        break;
      case 'open':
        void wx.navigateTo({ url: `/pages/session/session?id=${this.recording?.snapshot.answer?.id ?? ''}` });
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
    const notice = pendingNotice(await resumePending());
    if (notice !== null) this.view.set({ notice });
  },
  tapNotice() {
    const notice = this.view.get('notice');
    this.view.set({ notice: null });
    if (notice?.action === 'resume') void this.deliverPending();
    if (notice?.action === 'open')
      void wx.navigateTo({ url: `/pages/session/session?id=${notice.sessionId}` });
  },

  // --- view -------------------------------------------------------------------------------------------

  showState() {
    const state = this.state();
    const sameHeight = state.banner?.hint === this.view.get('banner')?.hint;
    this.view.set(state);
    if (sameHeight) return;
    this.measure();
    if (this.follow.following) this.toEnd();
  },

  showText() {
    const { recording } = this;
    if (recording === undefined) return;
    this.allRows = rowsOf(recording.lines, recording.snapshot.session.losses);
    const hidden = this.follow.following
      ? hiddenRows(this.allRows.length, this.view.get('hidden'))
      : this.view.get('hidden');
    this.showRows(hidden);
    if (this.follow.following) this.toEnd();
  },

  showRows(hidden: number) {
    this.view.set({ rows: this.allRows.slice(hidden), hidden });
  },

  clear() {
    this.allRows = [];
    this.follow = FOLLOWING;
    this.bars = new LevelBars();
    this.view.set({ rows: [], hidden: 0, following: true, levels: SILENT_BARS, notice: null });
    this.measure();
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
  typeHotwords({ detail }: { detail: { value: string } }) {
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
