import { createWxRecorder, openMicrophoneSetting, PageData } from 'cloudbase-voice';
import { systemClock } from '../../../lib/clock.ts';
import { LevelBars, SILENT_BARS } from '../../components/level-meter/bars.ts';
import { currentRecording } from '../../services/app-recording.ts';
import { appCloud, audioArchive, newSessionId } from '../../services/app-services.ts';
import { copyText } from '../../utils/clipboard.ts';
import { chooseAudioFile } from '../../utils/files.ts';
import { readSettings } from '../../utils/settings.ts';
import { shareCard } from '../../utils/share.ts';
import { textSize } from '../../utils/text-size-behavior.ts';
import { OneshotModel, type OneshotPhase, type OneshotView } from './model.ts';

/** Distance that the finger must move up to discard the recording, px. */
const DISCARD_PX = 90;

/** The text above the button. While uploading and recognising the page shows the progress elsewhere. */
const TIPS: Record<OneshotPhase, string> = {
  idle: '按住说话，松开识别',
  opening: '请稍候',
  recording: '松开识别，上滑取消',
  uploading: '请稍候',
  recognising: '请稍候',
  done: '按住再说一句',
  failed: '按住再说一句',
};
const tipOf = ({ phase, discarding, handsFree }: OneshotView): string => {
  if (discarding) return '松开手指，取消';
  return phase === 'recording' && handsFree ? '点一下结束' : TIPS[phase];
};

interface TouchEvent {
  touches: { clientY: number }[];
}

const INITIAL = {
  phase: 'idle' as OneshotPhase,
  elapsed: '00:00',
  discarding: false,
  handsFree: false,
  percent: 0,
  text: '',
  sessionId: '',
  problem: null as OneshotView['problem'],
  tip: TIPS.idle,
  levels: SILENT_BARS,
  /** The microphone is in use for a live recording. */
  live: false,
};

Page({
  behaviors: [textSize],
  data: INITIAL,

  view: undefined as unknown as PageData<typeof INITIAL>,
  bars: undefined as unknown as LevelBars,
  model: undefined as unknown as OneshotModel,
  pressedY: 0,
  unsubscribe() {},

  onLoad() {
    this.view = new PageData((patch) => this.setData(patch), systemClock, INITIAL);
    this.bars = new LevelBars();
    this.model = new OneshotModel({
      createRecorder: createWxRecorder,
      recognize: (recording, onProgress) => appCloud().recognize(recording, onProgress),
      newSessionId,
      keepAudio: (...recording) => audioArchive().keep(...recording),
      engine: () => readSettings().engine,
      now: systemClock.now,
      changed: (view) => this.view.set({ ...view, tip: tipOf(view) }),
      level: (level) => this.view.set({ levels: this.bars.add(level) }),
    });
  },
  onShareAppMessage: shareCard,
  onShow() {
    const current = currentRecording();
    const showLive = (): void => this.view.set({ live: current.running });
    this.unsubscribe = current.on('changed', showLive);
    showLive();
    this.view.show();
  },
  onHide() {
    this.unsubscribe();
    this.view.hide();
  },
  onUnload() {
    this.unsubscribe();
    this.view.dispose();
    this.model.discard();
  },

  onPress({ touches }: TouchEvent) {
    if (currentRecording().running) return;
    this.pressedY = touches[0]?.clientY ?? 0;
    this.model.press();
  },
  onMove({ touches }: TouchEvent) {
    const y = touches[0]?.clientY ?? this.pressedY;
    this.model.move(this.pressedY - y > DISCARD_PX);
  },
  onRelease() {
    this.model.release();
  },

  tapLive() {
    void wx.switchTab({ url: '/pages/realtime-voice/realtime-voice' });
  },

  async tapFile() {
    const file = await chooseAudioFile('也可以按住按钮，直接说。');
    if (file !== undefined) await this.model.recognizeFile(file);
  },
  async tapProblem() {
    if (!this.model.view.problem?.microphone) await this.model.retry();
    else if (await openMicrophoneSetting()) this.model.reset();
  },
  async tapCopy() {
    const { text } = this.model.view;
    await copyText(text, { done: '已复制', otherwise: '也可以长按文字选择后复制。' });
  },
  tapOpen() {
    void wx.navigateTo({ url: `/pages/session/session?id=${this.model.view.sessionId}` });
  },
});
