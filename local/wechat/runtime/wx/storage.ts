import { api, type WxContext } from './call.ts';

type W = WechatMiniprogram.Wx;

/** WeChat's limit for all keys of one user together. */
const LIMIT_KB = 10 * 1024;

/** Storage of one user: WeChat keeps each user's apart, so keys begin with the user. */
export const storageApi = ({ device }: WxContext) => {
  const prefix = `wx:${device.config.user.openid}:`;
  const keys = (): string[] =>
    Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  const has = (key: string): boolean => localStorage.getItem(prefix + key) !== null;
  const read = (key: string): unknown => {
    const text = localStorage.getItem(prefix + key);
    return text === null ? '' : (JSON.parse(text) as { value: unknown }).value;
  };
  const write = (key: string, value: unknown): void =>
    localStorage.setItem(prefix + key, JSON.stringify({ value }));
  const remove = (key: string): void => localStorage.removeItem(prefix + key);
  const clear = (): void => keys().forEach(remove);
  const info = (): WechatMiniprogram.GetStorageInfoSyncOption => ({
    keys: keys(),
    currentSize: Math.ceil(
      keys().reduce((sum, key) => sum + (localStorage.getItem(prefix + key) ?? '').length, 0) / 1024,
    ),
    limitSize: LIMIT_KB,
  });
  return {
    getStorageSync: <T>(key: string): T => read(key) as T,
    setStorageSync: (key: string, value: unknown): void => write(key, value),
    removeStorageSync: remove,
    clearStorageSync: clear,
    getStorageInfoSync: info,
    getStorage: api<WechatMiniprogram.GetStorageOption>('getStorage', ({ key }) => {
      if (!has(key)) throw new Error('data not found');
      return { data: read(key) };
    }) as unknown as W['getStorage'],
    setStorage: api<WechatMiniprogram.SetStorageOption>('setStorage', ({ key, data }) =>
      write(key, data),
    ) as unknown as W['setStorage'],
    removeStorage: api<WechatMiniprogram.RemoveStorageOption>('removeStorage', ({ key }) => remove(key)),
    clearStorage: api<WechatMiniprogram.ClearStorageOption>('clearStorage', () => clear()),
    getStorageInfo: api<WechatMiniprogram.GetStorageInfoOption>('getStorageInfo', () => info()),
  } satisfies Partial<W>;
};
