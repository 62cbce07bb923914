import { expect, test } from 'vitest';
import { VoiceError } from '../../contract/errors.ts';
import { problemOf } from './problem.ts';

test('a page that reads speaks of reading, and of everything else as the rest of the app does', () => {
  expect(problemOf(new VoiceError('STORE_UNAVAILABLE')).title).toBe('暂时读不到数据');
  expect(problemOf(new VoiceError('NOT_FOUND')).title).toBe('记录不存在');
  expect(problemOf('anything').title).toBeTruthy();
});
