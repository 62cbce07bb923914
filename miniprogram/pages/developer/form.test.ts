import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../config.ts';
import { isField, VALIDATORS } from './form.ts';

describe('what may be typed', () => {
  test('the defaults are all right', () => {
    for (const field of ['service', 'env', 'fallbackUrl'] as const) {
      expect(VALIDATORS[field](DEFAULT_SETTINGS[field])).toBe('');
    }
  });

  test.each([
    ['service', 'asr-ws', true],
    ['service', '', false],
    ['service', '实时', false],
    ['env', 'prod-1a2b', true],
    ['env', 'a b', false],
    ['fallbackUrl', 'wss://voice.example.com', true],
    ['fallbackUrl', 'wss://voice.example.com:8443/base', true],
    ['fallbackUrl', 'ws://voice.example.com', false],
    ['fallbackUrl', 'https://voice.example.com', false],
    ['fallbackUrl', 'wss://voice.example.com/?token=1', false],
  ] as const)('%s "%s" is fine: %s', (field, text, fine) => {
    expect(VALIDATORS[field](text) === '').toBe(fine);
  });

  test('other names are no fields', () => {
    expect([isField('service'), isField('engine'), isField('__proto__')]).toEqual([true, false, false]);
  });
});
