import type { RecorderFault } from '../audio/recorder.types.ts';

/** What people read when the microphone cannot be had: what is wrong, and what helps. */
export const FAULTS: Record<RecorderFault, { title: string; hint: string }> = {
  denied: {
    title: '没有麦克风权限',
    hint: '请在设置中允许「使用我的麦克风」，再回来录音。',
  },
  'denied-system': {
    title: '微信不能使用麦克风',
    hint: '请在手机的系统设置中允许微信使用麦克风，再重试。',
  },
  privacy: {
    title: '隐私保护指引未包含麦克风',
    hint: '若刚才选择了拒绝，请重试并同意；若没有出现询问，需要管理员在小程序后台的「用户隐私保护指引」中声明麦克风。',
  },
  busy: {
    title: '麦克风正被占用',
    hint: '请先结束通话或其他录音，再重试。',
  },
  failed: {
    title: '打不开麦克风',
    hint: '请重试；仍然不行时请重启微信。',
  },
};
