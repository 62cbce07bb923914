// 可以整个复制的示例页：录音、边说边出字、历史、统计。
// 只依赖 utils/cloudbase-socketio-client.js；改下面三个常量即可接到自己的环境。
const CloudBaseSocketIOClient = require('../../utils/cloudbase-socketio-client');

/** 云环境 id；留空则用 wx.cloud.init 时的环境。 */
const ENV = '';
/** 云托管服务名。 */
const SERVICE = 'realtime-voice';
const NAMESPACE = '/realtime-voice';

const SAMPLE_RATE = 16000;
const BYTES_PER_SAMPLE = 2;
/** 每帧 KB 数：4 KB 约 128 毫秒。 */
const FRAME_SIZE_KB = 4;
/** 断线期间最多保留的音频，字节（2 分钟）；更早的丢弃。 */
const MAX_KEPT_BYTES = 120 * SAMPLE_RATE * BYTES_PER_SAMPLE;
/** 服务端多久不应答算失败，毫秒。 */
const ANSWER_MS = 15000;
const HISTORY_LIMIT = 20;

/** 云函数：成功返回数据，被拒绝时返回 { code, message }。 */
async function call(name, data) {
  const { result } = await wx.cloud.callFunction({ name, data, config: ENV ? { env: ENV } : undefined });
  if (result.code) throw new Error(result.message);
  return result;
}

const newId = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
const messageOf = (error) => error.message || error.errMsg || String(error);
const two = (n) => String(n).padStart(2, '0');

Page({
  data: {
    stateText: '未连接',
    recording: false,
    busy: false,
    seconds: 0,
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
    wx.cloud.init(ENV ? { env: ENV } : {});
    this.recorder = wx.getRecorderManager();
    this.recorder.onFrameRecorded(({ frameBuffer }) => this.onFrame(frameBuffer));
    this.recorder.onStop(() => {
      this.isRecording = false;
      this.finish();
    });
    this.recorder.onError(({ errMsg }) => {
      this.isRecording = false;
      if (this.sessionId) this.fail(new Error(`录音失败：${errMsg}`));
    });
    this.client = new CloudBaseSocketIOClient({
      service: SERVICE,
      env: ENV || undefined,
      namespace: NAMESPACE,
      // 每次连接都会重新要一张票据，过期不用自己管。
      auth: () => call('ticket', {}).then(({ ticket }) => ({ ticket })),
    });
    this.client
      .onInternal('connect', () => {
        this.starting = this.onConnect();
      })
      .onInternal('disconnect', () => {
        this.ready = false;
        this.setData({ stateText: this.sessionId ? '网络中断，正在重连，录音已缓存' : '未连接' });
      })
      .onInternal('connect_error', (error) => this.setData({ stateText: `连接失败：${messageOf(error)}` }));
    this.client
      .on('result', (result) => this.onResult(result))
      .on('progress', ({ committedPos, settledIndex }) => {
        this.settledIndex = settledIndex;
        this.forget(committedPos);
      })
      .on('error', (error) => this.onServiceError(error));
  },

  onUnload() {
    if (!this.client) return;
    this.leave('未连接');
  },

  // --- 录音 ---------------------------------------------------------------------------------------------

  async onStart() {
    this.setData({ busy: true, error: '', lines: [], seconds: 0 });
    this.sessionId = newId();
    this.frames = [];
    this.endPos = 0;
    this.settledIndex = -1;
    this.began = false;
    try {
      await this.client.connect();
      this.recorder.start({
        duration: 600000,
        sampleRate: SAMPLE_RATE,
        numberOfChannels: 1,
        encodeBitRate: 48000,
        format: 'PCM',
        frameSize: FRAME_SIZE_KB,
      });
      this.isRecording = true;
      this.setData({ recording: true, busy: false });
    } catch (error) {
      this.fail(error);
    }
  },

  /** 连上以后先 start（断线重连时带 resume），得到应答才发音频。 */
  async onConnect() {
    if (!this.sessionId) return;
    const request = { sessionId: this.sessionId, engine: '16k_zh', sampleRate: SAMPLE_RATE };
    if (this.began) request.resume = { haveIndex: this.settledIndex };
    try {
      const answer = await this.client.timeout(ANSWER_MS).emitWithAck('start', request);
      if (answer.error) throw new Error(answer.error.message);
      this.began = true;
      this.forget(answer.committedPos);
      this.setData({
        stateText: '识别中',
        lines: this.data.lines.filter((line) => line.index < answer.nextIndex),
      });
      this.ready = true;
      this.sendFrom(answer.nextPos);
    } catch (error) {
      // 又断线了：重连以后会再来一次。
      if (this.client.connected) this.fail(error);
    }
  },

  onFrame(pcm) {
    if (!this.sessionId || pcm.byteLength === 0) return;
    const frame = { pos: this.endPos, pcm };
    this.endPos += pcm.byteLength / BYTES_PER_SAMPLE;
    this.frames.push(frame);
    while ((this.endPos - this.frames[0].pos) * BYTES_PER_SAMPLE > MAX_KEPT_BYTES) this.frames.shift();
    this.setData({ seconds: Math.floor(this.endPos / SAMPLE_RATE) });
    if (this.ready) this.client.emit('audio', frame.pos, pcm);
  },

  sendFrom(pos) {
    for (const frame of this.frames) {
      if (frame.pos + frame.pcm.byteLength / BYTES_PER_SAMPLE > pos)
        this.client.emit('audio', frame.pos, frame.pcm);
    }
  },

  /** pos 以前的音频服务端已经处理并保存，不必再留。 */
  forget(pos) {
    this.frames = this.frames.filter((frame) => frame.pos + frame.pcm.byteLength / BYTES_PER_SAMPLE > pos);
  },

  onStop() {
    this.setData({ busy: true, stateText: '正在结束' });
    this.stopRecorder();
  },

  async finish() {
    if (!this.sessionId) return;
    try {
      await this.client.connect();
      await this.starting;
      const answer = await this.client.timeout(ANSWER_MS).emitWithAck('stop', { endPos: this.endPos });
      if (answer.error) throw new Error(answer.error.message);
      this.leave(`已保存，共 ${answer.sentences} 句`);
    } catch (error) {
      this.fail(error);
    }
  },

  // --- 结果 ---------------------------------------------------------------------------------------------

  /** 同一 index 后来的结果替换先前的；final 表示这一句已定。 */
  onResult({ index, text, final }) {
    const lines = this.data.lines.filter((line) => line.index !== index).concat({ index, text, final });
    lines.sort((a, b) => a.index - b.index);
    this.setData({ lines, lastIndex: index });
  },

  onServiceError({ code, message, retriable, nextPos }) {
    if (code === 'AUDIO_GAP' && nextPos !== undefined) this.sendFrom(nextPos);
    else if (!retriable) this.fail(new Error(message));
  },

  fail(error) {
    this.setData({ error: messageOf(error) });
    this.leave('未连接');
  },

  /** 没在录音时不能 stop：微信会报错。 */
  stopRecorder() {
    if (this.isRecording) this.recorder.stop();
    this.isRecording = false;
  },

  leave(stateText) {
    this.sessionId = '';
    this.ready = false;
    this.stopRecorder();
    this.client.disconnect();
    this.setData({ recording: false, busy: false, stateText });
  },

  // --- 历史与统计 ---------------------------------------------------------------------------------------

  async onHistory() {
    try {
      const { items } = await call('history', { action: 'list', limit: HISTORY_LIMIT });
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
      const { totals } = await call('stats', { action: 'totals' });
      this.setData({ stats: { count: totals.sessions, minutes: Math.round(totals.durationMs / 60000) } });
    } catch (error) {
      this.setData({ error: messageOf(error) });
    }
  },
});
