import {
  IDLE_RECORDING,
  type Line,
  openMicrophoneSetting,
  recordingViewOf,
  type VoiceRecording,
} from 'cloudbase-voice';
import { voice } from '../../voice';

let recording: VoiceRecording | undefined;

Page({
  data: { view: IDLE_RECORDING, lines: [] as readonly Line[] },

  // 没传完的留在手机上，下次打开时补传
  onUnload() {
    recording?.leave();
  },

  tapRecord() {
    if (this.data.view.running) recording?.stop();
    else this.start();
  },

  start() {
    recording?.leave();
    recording = voice.record({ engine: '16k_zh' });
    this.setData({ lines: recording.lines, view: recordingViewOf(recording.snapshot) });
    // 每次都是全部文字：直接替换
    recording.on('lines', (lines) => this.setData({ lines }));
    // 「正在重连」「已缓存 N 秒」「已保存 N 句」和错误，都在 view 里
    recording.on('snapshot', (snapshot) => this.setData({ view: recordingViewOf(snapshot) }));
  },

  tapBanner() {
    switch (this.data.view.banner?.action) {
      case 'microphone':
        return openMicrophoneSetting();
      case 'continue':
        return recording?.resume();
      case 'take-back':
        return recording?.reclaim();
      default:
        return this.start();
    }
  },
});
