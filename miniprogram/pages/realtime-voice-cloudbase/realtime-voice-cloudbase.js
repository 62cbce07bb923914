// 可以整个复制的示例页：录音、边说边出字、历史、统计。
// 只依赖 utils/voice-session.js（录音、断线续传、缓存、票据都在里面）；改下面两个常量即可接到自己的环境。
const { createVoiceService, recordingViewOf } = require('../../utils/voice-session');

/** 云环境 id；留空则用控制台标为默认的环境。 */
const ENV = '';
/** 云托管服务名。 */
const SERVICE = 'realtime-voice';

/** 页面上最多显示几句；完整的记录在历史里。 */
const MAX_LINES = 50;
const HISTORY_LIMIT = 20;
/** 提示里的按钮，这个页面会做的几种。 */
const ACTIONS = ['retry', 'new', 'continue', 'microphone', 'take-back'];

const messageOf = (error) => error.message || error.errMsg || String(error);
const two = (n) => String(n).padStart(2, '0');

Page({
  data: {
    stateText: '准备好了',
    phase: 'idle',
    running: false,
    elapsed: '00:00',
    banner: null,
    lostSeconds: 0,
    lines: [],
    lastIndex: 0,
    error: '',
    history: [],
    stats: null,
  },

  onLoad() {
    if (!wx.cloud) {
      this.setData({ error: '基础库过低，请升级微信（需要 2.23.0 及以上）' });
      return;
    }
    this.voice = createVoiceService({ env: ENV, service: SERVICE });
    // 上次没能传完的录音（中途离开、应用被关闭）现在补传。
    this.voice.resumePending().catch((error) => console.warn('补传失败', error));
  },

  /** 中途离开：没传完的录音保存在手机上，下次打开时补传。 */
  onUnload() {
    if (this.recording) this.recording.leave();
    this.recording = null;
  },

  // --- 录音 ---------------------------------------------------------------------------------------------

  /** 不等连上就开始录：连上之前、断线期间的录音都缓存着。权限、来电、切到后台、十分钟的上限都已处理。 */
  onStart() {
    if (this.recording) this.recording.leave();
    const recording = this.voice.record({ engine: '16k_zh' });
    this.recording = recording;
    this.setData({ error: '', lines: [] });
    recording.on('lines', (all) => {
      const lines = all.slice(-MAX_LINES).map(({ index, text, final }) => ({ index, text, final }));
      this.setData({ lines, lastIndex: lines.length > 0 ? lines[lines.length - 1].index : 0 });
    });
    recording.on('snapshot', () => this.show());
    this.show();
  },

  /** 状态、计时与提示都由快照算出，包括「正在重连，已缓存 N 秒」。 */
  show() {
    const { snapshot } = this.recording;
    const { phase, running, elapsed, connection, banner } = recordingViewOf(snapshot);
    const lostMs = snapshot.session.losses.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
    this.setData({
      ...{ phase, running, elapsed, stateText: connection.text },
      banner: banner && { ...banner, label: ACTIONS.includes(banner.action) ? banner.label : '' },
      lostSeconds: Math.ceil(lostMs / 1000),
    });
  },

  onBanner() {
    const { action } = this.data.banner;
    const failed = this.recording.snapshot.session.state === 'failed';
    if (action === 'microphone') wx.openSetting();
    else if (action === 'continue') this.recording.resume();
    // 保存时失败的，再试一次就是接着保存，不是重新录。
    else if (failed && (action === 'take-back' || action === 'retry')) this.recording.reclaim();
    else this.onStart();
  },

  /** 没有更多音频：等全部识别并保存，其间网络断了也会续上。 */
  onStop() {
    this.recording.stop();
  },

  onPause() {
    this.recording.pause();
  },

  onResume() {
    this.recording.resume();
  },

  // --- 历史与统计 ---------------------------------------------------------------------------------------

  async onHistory() {
    try {
      const { items } = await this.voice.history('list', { limit: HISTORY_LIMIT });
      this.setData({
        history: items.map(({ sessionId, startedAt, title, preview }) => {
          const at = new Date(startedAt);
          const when = `${at.getMonth() + 1}月${at.getDate()}日 ${two(at.getHours())}:${two(at.getMinutes())}`;
          return { id: sessionId, when, text: title || preview || '（没有文字）' };
        }),
      });
    } catch (error) {
      this.setData({ error: messageOf(error) });
    }
  },

  async onStats() {
    try {
      const { totals } = await this.voice.stats('totals', {});
      this.setData({ stats: { count: totals.sessions, minutes: Math.round(totals.durationMs / 60000) } });
    } catch (error) {
      this.setData({ error: messageOf(error) });
    }
  },
});
