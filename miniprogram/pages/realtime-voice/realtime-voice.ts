import { ENGINES } from '../../../contract/engines.ts';
import { createWxRecorder, openMicrophoneSetting } from '../../audio/wx-recorder.ts';
import { createVoiceSession, resumePending } from '../../services/voice-session.ts';
import { parseHotwords } from '../../utils/hotwords.ts';
import { LEFT_NOTICE, type PendingNotice, pendingNotice } from '../../utils/pending-notice.ts';
import { demoPhrases, readSettings, writeSettings } from '../../utils/settings.ts';
import { afterScroll, FOLLOWING, type Follow } from './follow.ts';
import { ENGINE_LABELS, REALTIME_ENGINES, voiceOptions } from './options.ts';
import { Recording } from './recording.ts';
import { hiddenRows, plainText, rowsOf, rowsPatch, showEarlier, type TranscriptRow } from './rows.ts';
import { type BannerAction, IDLE_VIEW, viewOf } from './view.ts';

/** A shorter recording without text is cancelled without confirmation, ms. */
const CONFIRM_CANCEL_MS = 3_000;

interface ScrollEvent {
  detail: { scrollTop: number; scrollHeight: number };
}

Page({
  data: {
    ...IDLE_VIEW,
    level: 0,
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
    hotwordProblem: '',
  },

  recording: undefined as Recording | undefined,
  allRows: [] as TranscriptRow[],
  follow: FOLLOWING as Follow,
  /** Height of the transcript's scroll view, px; 0 while it is not known. */
  viewHeight: 0,

  onLoad() {
    const phrases = demoPhrases();
    this.setData({
      phrases,
      ...(phrases.length > 0 && { welcomeHint: '演示模式：请朗读下面任意一句，其他内容只显示时长。' }),
    });
  },

  onReady() {
    this.measure();
  },

  onShow() {
    this.showSettings();
    this.measure();
    if (!this.data.running) void this.deliverPending();
  },

  onUnload() {
    this.recording?.dispose();
  },

  // --- recording --------------------------------------------------------------------------------------

  tapRecord() {
    if (this.data.running) void this.recording?.stop();
    else if (this.data.phase !== 'stopping') this.begin();
  },

  begin() {
    const settings = readSettings();
    this.recording?.dispose();
    this.clear();
    const recorder = createWxRecorder({ sampleRateHz: ENGINES[settings.engine].sampleRateHz });
    const recording = new Recording(recorder, createVoiceSession(), {
      changed: () => this.showState(),
      text: () => this.showText(),
      level: (level) => this.setData({ level: Math.round(level * 100) / 100 }),
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
    const recordedMs = recording?.snapshot.session.recordedMs ?? 0;
    if (this.allRows.length > 0 || recordedMs > CONFIRM_CANCEL_MS) {
      const { confirm } = await wx.showModal({
        title: '取消这次录音？',
        content: '录音和文字都不会保存。',
        confirmText: '不保存',
        cancelText: '接着录',
      });
      if (!confirm) return;
    }
    if (recording === undefined || recording !== this.recording) return;
    this.recording = undefined;
    this.clear();
    this.showState();
    await recording.cancel();
  },

  /** While `stop` waits for the network: leaves the recording on the phone, to be delivered later. */
  tapLater() {
    this.recording?.dispose();
    this.recording = undefined;
    this.clear();
    this.showState();
    this.setData({ notice: LEFT_NOTICE });
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
    await wx.setClipboardData({ data: plainText(recording.lines, recording.snapshot.session.losses) });
    void wx.showToast({ title: '已复制全文', icon: 'success' });
  },

  async tapBanner() {
    const action: BannerAction = this.data.banner?.action ?? 'none';
    switch (action) {
      case 'continue':
        this.recording?.resume();
        break;
      case 'take-back':
      case 'retry':
        if (this.recording?.snapshot.session.state === 'failed') void this.recording.takeBack();
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
    if (notice !== null) this.setData({ notice });
  },
  tapNotice() {
    const { notice } = this.data;
    this.setData({ notice: null });
    if (notice?.action === 'resume') void this.deliverPending();
    if (notice?.action === 'open')
      void wx.navigateTo({ url: `/pages/session/session?id=${notice.sessionId}` });
  },

  // --- view -------------------------------------------------------------------------------------------

  showState() {
    const view = this.recording ? viewOf(this.recording.snapshot) : IDLE_VIEW;
    const sameHeight = view.banner?.hint === this.data.banner?.hint;
    this.setData(view);
    if (sameHeight) return;
    this.measure();
    if (this.follow.following) this.toEnd();
  },

  showText() {
    const { recording } = this;
    if (recording === undefined) return;
    this.allRows = rowsOf(recording.lines, recording.snapshot.session.losses);
    const hidden = this.follow.following
      ? hiddenRows(this.allRows.length, this.data.hidden)
      : this.data.hidden;
    this.showRows(hidden);
    if (this.follow.following) this.toEnd();
  },

  showRows(hidden: number) {
    const rows = this.allRows.slice(hidden);
    const patch = hidden === this.data.hidden ? rowsPatch(this.data.rows, rows) : { rows, hidden };
    if (Object.keys(patch).length > 0) this.setData(patch);
  },

  clear() {
    this.allRows = [];
    this.follow = FOLLOWING;
    this.setData({ rows: [], hidden: 0, following: true, level: 0, notice: null });
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
    if (following === this.data.following) return;
    this.setData({ following });
    this.measure();
  },

  /** Two anchors in turn, because `scroll-into-view` with the same value twice does not scroll. */
  toEnd() {
    this.setData({ anchor: this.data.anchor === 'end-a' ? 'end-b' : 'end-a' });
  },

  tapLatest() {
    this.follow = FOLLOWING;
    this.showFollowing();
    this.toEnd();
  },

  tapEarlier() {
    this.follow = { ...this.follow, following: false };
    this.showFollowing();
    this.showRows(showEarlier(this.data.hidden));
  },

  // --- options ----------------------------------------------------------------------------------------

  showSettings() {
    const { engine, hotwords } = readSettings();
    this.setData({
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
    this.setData({ hotwordsOpen: true, hotwordsText: readSettings().hotwords, hotwordProblem: '' });
  },
  closeHotwords() {
    this.setData({ hotwordsOpen: false });
  },
  typeHotwords({ detail }: { detail: { value: string } }) {
    this.setData({
      hotwordsText: detail.value,
      hotwordProblem: parseHotwords(detail.value).problems[0] ?? '',
    });
  },
  saveHotwords() {
    writeSettings({ hotwords: this.data.hotwordsText });
    this.closeHotwords();
    this.showSettings();
  },
});
