import { voice } from './voice';

App({
  onLaunch() {
    // 上次没传完的录音（断网、划掉小程序）这时补传
    voice.resumePending().catch((error) => console.warn('补传失败', error));
  },
});
