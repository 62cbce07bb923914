import { expect, test } from 'vitest';
import { VoiceError } from '../../contract/errors.ts';
import { problemOf } from './error-text.ts';

test('a page that reads stored data has its own text for a store that is away', () => {
  expect(problemOf(new VoiceError('STORE_UNAVAILABLE')).title).toBe('暂时读不到数据');
  expect(problemOf(new VoiceError('NOT_FOUND')).title).toBe('记录不存在');
  expect(problemOf('anything').title).toBeTruthy();
});
