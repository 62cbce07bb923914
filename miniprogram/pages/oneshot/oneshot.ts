import { systemClock } from '../../../lib/clock.ts';
import { createWxRecorder, openMicrophoneSetting } from '../../audio/wx-recorder.ts';
import { appCloud, newSessionId } from '../../services/wiring.ts';
import { chooseAudioFile } from '../../utils/files.ts';
import { readSettings } from '../../utils/settings.ts';
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

Page({
  data: {
    phase: 'idle' as OneshotPhase,
    elapsed: '00:00',
    discarding: false,
    handsFree: false,
    percent: 0,
    text: '',
    sessionId: '',
    problem: null as OneshotView['problem'],
    tip: TIPS.idle,
    level: 0,
  },

  model: undefined as OneshotModel | undefined,
  pressedY: 0,

  onLoad() {
    this.model = new OneshotModel({
      createRecorder: createWxRecorder,
      recognize: (recording, onProgress) => appCloud().recognize(recording, onProgress),
      newSessionId,
      engine: () => readSettings().engine,
      now: systemClock.now,
      changed: (view) => this.setData({ ...view, tip: tipOf(view) }),
      level: (level) => this.setData({ level: Math.round(level * 100) / 100 }),
    });
  },
  onUnload() {
    this.model?.discard();
  },

  onPress({ touches }: TouchEvent) {
    this.pressedY = touches[0]?.clientY ?? 0;
    this.model?.press();
  },
  onMove({ touches }: TouchEvent) {
    const y = touches[0]?.clientY ?? this.pressedY;
    this.model?.move(this.pressedY - y > DISCARD_PX);
  },
  onRelease() {
    this.model?.release();
  },

  async tapFile() {
    const file = await chooseAudioFile();
    if (file !== undefined) await this.model?.recognizeFile(file);
  },
  async tapProblem() {
    if (!this.data.problem?.microphone) await this.model?.retry();
    else if (await openMicrophoneSetting()) this.model?.reset();
  },
  async tapCopy() {
    await wx.setClipboardData({ data: this.data.text });
    void wx.showToast({ title: '已复制', icon: 'success' });
  },
  tapOpen() {
    void wx.navigateTo({ url: `/pages/session/session?id=${this.data.sessionId}` });
  },
});
