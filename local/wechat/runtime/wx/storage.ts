import type { WxContext } from './call.ts';

/** `wx.…StorageSync` of one user over `localStorage`: WeChat keeps each user's apart, so keys begin with the user. */
export const storageApi = ({ device }: WxContext) => {
  const prefix = `wx:${device.config.user.openid}:`;
  return {
    /** @returns `''` for a key that was never set, as WeChat does */
    getStorageSync: <T>(key: string): T => {
      const text = localStorage.getItem(prefix + key);
      return (text === null ? '' : (JSON.parse(text) as { value: unknown }).value) as T;
    },
    setStorageSync: (key: string, value: unknown): void =>
      localStorage.setItem(prefix + key, JSON.stringify({ value })),
  } satisfies Partial<WechatMiniprogram.Wx>;
};
