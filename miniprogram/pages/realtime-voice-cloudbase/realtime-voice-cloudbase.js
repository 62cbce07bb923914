// 可以整个复制的示例页：录音、边说边出字、历史、统计。
// 只依赖 utils/voice-session.js（会话：断线续传、缓存、票据都在里面）；改下面两个常量即可接到自己的环境。
const { createVoiceService } = require('../../utils/voice-session');

/** 云环境 id；留空则用控制台标为默认的环境。 */
const ENV = '';
/** 云托管服务名。 */
const SERVICE = 'realtime-voice';

const SAMPLE_RATE = 16000;
/** 每帧 KB 数：4 KB 约 128 毫秒。 */
const FRAME_SIZE_KB = 4;
/** 微信一次录音最长 10 分钟，毫秒。 */
const MAX_RECORDING_MS = 600000;
/** 页面上最多显示几句；完整的记录在历史里。 */
const MAX_LINES = 50;
const HISTORY_LIMIT = 20;

const STATE_TEXTS = {
  idle: '未连接',
  connecting: '正在连接，录音已缓存',
  live: '识别中',
  reconnecting: '网络中断，正在重连，录音已缓存',
  stopping: '正在结束',
  ended: '未连接',
  failed: '未连接',
};

const messageOf = (error) => error.message || error.errMsg || String(error);
const two = (n) => String(n).padStart(2, '0');

Page({
  data: {
    stateText: STATE_TEXTS.idle,
    recording: false,
    busy: false,
    seconds: 0,
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
    this.recorder = wx.getRecorderManager();
    this.recorder.onFrameRecorded(({ frameBuffer }) => {
      if (this.session) this.session.push(frameBuffer);
    });
    this.recorder.onStop(() => {
      this.isRecording = false;
      this.finish();
    });
    this.recorder.onError(({ errMsg }) => {
      this.isRecording = false;
      this.onRecorderError(errMsg);
    });
    // 上次没能传完的录音（中途离开、应用被关闭）现在补传。
    this.voice.resumePending().catch((error) => console.warn('补传失败', error));
  },

  /** 中途离开：录音保存在手机上，下次打开时补传。 */
  onUnload() {
    const { session } = this;
    this.session = null;
    if (session) session.dispose();
    this.stopRecorder();
  },

  // --- 录音 ---------------------------------------------------------------------------------------------

  /** 不等连上就开始录：连上之前、断线期间的录音都由会话缓存。 */
  onStart() {
    const session = this.voice.createSession();
    this.session = session;
    this.setData({ error: '', lines: [], seconds: 0, lostSeconds: 0, recording: true });
    session.on('state', ({ new: state }) => this.setData({ stateText: STATE_TEXTS[state] }));
    session.on('status', ({ recordedMs, losses }) => {
      const lostMs = losses.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
      this.setData({ seconds: Math.floor(recordedMs / 1000), lostSeconds: Math.ceil(lostMs / 1000) });
    });
    session.on('lines', (all) => {
      const lines = all.slice(-MAX_LINES).map(({ index, text, final }) => ({ index, text, final }));
      this.setData({ lines, lastIndex: lines.length > 0 ? lines[lines.length - 1].index : 0 });
    });
    session.on('error', (error) => {
      this.setData({ error: messageOf(error) });
      if (session.status.state === 'failed') this.leave(session, STATE_TEXTS.failed);
    });
    // 失败由 error 事件显示。
    session.start({ engine: '16k_zh' }).catch(() => {});
    this.isRecording = true;
    this.recorder.start({
      duration: MAX_RECORDING_MS,
      sampleRate: SAMPLE_RATE,
      numberOfChannels: 1,
      encodeBitRate: 48000,
      format: 'PCM',
      frameSize: FRAME_SIZE_KB,
    });
  },

  /** 什么也没录到就不留下空记录。 */
  onRecorderError(errMsg) {
    const { session } = this;
    this.setData({ error: `录音失败：${errMsg}` });
    if (!session || session.status.recordedMs > 0) {
      this.finish();
      return;
    }
    this.leave(session, STATE_TEXTS.idle);
    session.cancel().catch(() => {});
  },

  onStop() {
    this.setData({ busy: true });
    this.stopRecorder();
  },

  /** 没有更多音频：等全部识别并保存，其间网络断了也会续上。 */
  async finish() {
    const { session } = this;
    if (!session) return;
    this.setData({ busy: true });
    try {
      const { sentences } = await session.stop();
      this.leave(session, `已保存，共 ${sentences} 句`);
    } catch (error) {
      if (this.session === session) this.setData({ error: messageOf(error) });
      this.leave(session, STATE_TEXTS.failed);
    }
  },

  /** 没在录音时不能 stop：微信会报错。 */
  stopRecorder() {
    if (this.isRecording) this.recorder.stop();
    this.isRecording = false;
  },

  leave(session, stateText) {
    if (this.session !== session) return;
    this.session = null;
    this.stopRecorder();
    this.setData({ recording: false, busy: false, stateText });
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
