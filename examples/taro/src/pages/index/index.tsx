import { Button, View } from '@tarojs/components';
import { useUnload } from '@tarojs/taro';
import {
  IDLE_RECORDING,
  type Line,
  openMicrophoneSetting,
  recordingViewOf,
  type VoiceRecording,
} from 'cloudbase-voice';
import { useRef, useState } from 'react';
import { voice } from '../../voice';
import './index.css';

export default function Index() {
  const [view, setView] = useState(IDLE_RECORDING);
  const [lines, setLines] = useState<readonly Line[]>([]);
  const recording = useRef<VoiceRecording>();

  // 没传完的留在手机上，下次打开时补传
  useUnload(() => {
    recording.current?.leave();
  });

  const start = () => {
    recording.current?.leave();
    const started = voice.record({ engine: '16k_zh' });
    recording.current = started;
    setLines(started.lines);
    setView(recordingViewOf(started.snapshot));
    // 每次都是全部文字：直接替换
    started.on('lines', setLines);
    // 「正在重连」「已缓存 N 秒」「已保存 N 句」和错误，都在 view 里
    started.on('snapshot', (snapshot) => setView(recordingViewOf(snapshot)));
  };

  const tapRecord = () => {
    if (view.running) recording.current?.stop();
    else start();
  };

  const tapBanner = () => {
    switch (view.banner?.action) {
      case 'microphone':
        return openMicrophoneSetting();
      case 'continue':
        return recording.current?.resume();
      case 'take-back':
        return recording.current?.reclaim();
      default:
        return start();
    }
  };

  return (
    <View className="page">
      <View className="status">
        {view.connection.text} {view.elapsed}
      </View>

      {view.banner && (
        <View className="banner">
          <View>{view.banner.title}</View>
          <View>{view.banner.hint}</View>
          {view.banner.label && view.banner.action !== 'open' && (
            <Button size="mini" onClick={tapBanner}>
              {view.banner.label}
            </Button>
          )}
        </View>
      )}

      {lines.map((line) => (
        <View key={line.index} className={line.final ? 'line' : 'line interim'}>
          {line.text}
        </View>
      ))}

      <Button type="primary" disabled={view.phase === 'stopping'} onClick={tapRecord}>
        {view.running ? '结束' : '开始录音'}
      </Button>
    </View>
  );
}
