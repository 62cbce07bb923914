import { useLaunch } from '@tarojs/taro';
import type { PropsWithChildren } from 'react';
import { voice } from './voice';

export default function App({ children }: PropsWithChildren) {
  // 上次没传完的录音（断网、划掉小程序）这时补传
  useLaunch(() => {
    voice.resumePending().catch((error) => console.warn('补传失败', error));
  });
  return children;
}
