import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../config.ts';
import { readSettings, type SettingsApi, writeSettings } from './settings.ts';

function phone(stored: unknown = ''): SettingsApi & { stored: unknown } {
  const api = {
    stored,
    getStorageSync: () => api.stored,
    setStorageSync(_key: string, value: unknown) {
      api.stored = value;
    },
  };
  return api;
}

describe('settings', () => {
  test('a fresh install has the defaults', () => {
    expect(readSettings(phone())).toEqual(DEFAULT_SETTINGS);
  });

  test('what was never changed is not stored', () => {
    const api = phone({ env: 'env-1' });
    expect(writeSettings({ wordTimes: true }, api)).toMatchObject({ wordTimes: true, env: 'env-1' });
    expect(api.stored).toEqual({ wordTimes: true, env: 'env-1' });
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
