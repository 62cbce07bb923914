import { describe, expect, test } from 'vitest';
import { askToKeepAudio, audioCapacity, megabytes } from './keep-audio.ts';
import { readSettings } from './settings.ts';

/** A phone whose user answers so. */
function phone(confirm: boolean) {
  const stored = new Map<string, unknown>();
  const asked: string[] = [];
  const api = {
    getStorageSync: (key: string) => stored.get(key) ?? '',
    setStorageSync: (key: string, value: unknown) => void stored.set(key, value),
    showModal: async ({ content }: { content: string }) => {
      asked.push(content);
      return { confirm };
    },
  };
  return { api, asked };
}

describe('whether recordings are kept', () => {
  test.each([
    [true, 'on'],
    [false, 'off'],
  ] as const)('the answer %s is the setting', async (confirm, wanted) => {
    const { api } = phone(confirm);
    expect(readSettings(api).keepAudio).toBe('unasked');
    expect(await askToKeepAudio(api)).toBe(wanted);
    expect(readSettings(api).keepAudio).toBe(wanted);
  });

  test('is asked in words that say where, how much, and for how long', async () => {
    const { api, asked } = phone(true);
    await askToKeepAudio(api);
    for (const part of ['这台手机', '不会上传', '100 MB', '先删最早的', '删除记录时一起删除'])
      expect(asked[0]).toContain(part);
  });
});

test('the room of a quota, rounded down', () => {
  expect([50, 100, 150].map(audioCapacity)).toEqual(['1 小时 40 分', '3 小时 30 分', '5 小时 20 分']);
});

test.each([
  [32_000, '不到 0.1 MB'],
  [1_500_000, '1.4 MB'],
  [52_428_800, '50 MB'],
])('%i bytes are %s', (bytes, text) => expect(megabytes(bytes)).toBe(text));
