import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../config.ts';
import { demoPhrases, readSettings, type SettingsApi, writeSettings } from './settings.ts';

function phone(stored: unknown = '', ext: unknown = {}): SettingsApi & { stored: unknown } {
  const api = {
    stored,
    getStorageSync: () => api.stored,
    setStorageSync(_key: string, value: unknown) {
      api.stored = value;
    },
    getExtConfigSync: () => ext,
  };
  return api;
}

describe('settings', () => {
  test('a fresh install has the defaults', () => {
    expect(readSettings(phone())).toEqual(DEFAULT_SETTINGS);
  });

  test("a person's choice wins over the package's configuration, and that over the defaults", () => {
    const api = phone({ service: 'mine' }, { service: 'theirs', env: 'env-1' });
    expect(readSettings(api)).toMatchObject({ service: 'mine', env: 'env-1', engine: '16k_zh' });
  });

  test('what was never changed is not stored', () => {
    const api = phone('', { env: 'env-1' });
    expect(writeSettings({ wordTimes: true }, api)).toMatchObject({ wordTimes: true, env: 'env-1' });
    expect(api.stored).toEqual({ wordTimes: true });
  });

  test.each([['text'], [7], [null], [{ engine: '__proto__', service: '', env: 5, wordTimes: 'yes' }]])(
    'damaged storage (%j) falls back to the defaults',
    (stored) => expect(readSettings(phone(stored))).toEqual(DEFAULT_SETTINGS),
  );

  test('a phone whose storage throws still has settings', () => {
    const broken = phone();
    broken.getStorageSync = () => {
      throw new Error('getStorageSync:fail');
    };
    expect(readSettings(broken)).toEqual(DEFAULT_SETTINGS);
  });
});

test('demonstration sentences come from outside the package, or there are none', () => {
  expect(demoPhrases(phone('', { demo: { phrases: ['今天天气不错', 3] } }))).toEqual(['今天天气不错']);
  expect(demoPhrases(phone('', { demo: {} }))).toEqual([]);
  expect(demoPhrases(phone('', null))).toEqual([]);
});
