import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../config.ts';
import { audioQuotaBytes, readSettings, type SettingsApi, uploadsOver, writeSettings } from './settings.ts';

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

  test('recordings are kept only for those who have said so', () => {
    const bytes = (stored: unknown) => audioQuotaBytes(readSettings(phone(stored)));
    expect([bytes(''), bytes({ keepAudio: 'off' }), bytes({ keepAudio: true })]).toEqual([0, 0, 0]);
    expect(bytes({ keepAudio: 'on', audioQuotaMb: 50 })).toBe(50 * 1024 * 1024);
    expect(bytes({ keepAudio: 'on', audioQuotaMb: 1e9 })).toBe(100 * 1024 * 1024);
  });

  test.each([
    ['text'],
    [7],
    [null],
    [{ engine: '__proto__', service: '', env: 5, wordTimes: 'yes', keepAudio: 1, audioQuotaMb: '50' }],
  ])('damaged storage (%j) falls back to the defaults', (stored) =>
    expect(readSettings(phone(stored))).toEqual(DEFAULT_SETTINGS),
  );

  test('a phone whose storage throws still has settings', () => {
    const broken = phone();
    broken.getStorageSync = () => {
      throw new Error('getStorageSync:fail');
    };
    expect(readSettings(broken)).toEqual(DEFAULT_SETTINGS);
  });
});

test.each([
  [{}, 'wifi', false],
  [{ uploadAudio: true }, 'wifi', false],
  [{ keepAudio: 'on' }, 'wifi', false],
  [{ keepAudio: 'on', uploadAudio: true }, 'wifi', true],
  [{ keepAudio: 'on', uploadAudio: true }, '5g', false],
  [{ keepAudio: 'on', uploadAudio: true }, 'unknown', false],
  [{ keepAudio: 'on', uploadAudio: true, uploadByMobile: true }, '5g', true],
  [{ keepAudio: 'on', uploadAudio: true, uploadByMobile: true }, 'none', false],
  [{ keepAudio: 'off', uploadAudio: true, uploadByMobile: true }, 'wifi', false],
] as const)('with %o recordings are uploaded over %s: %s', (settings, networkType, expected) => {
  expect(uploadsOver({ ...DEFAULT_SETTINGS, ...settings }, networkType)).toBe(expected);
});
