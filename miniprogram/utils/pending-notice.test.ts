import type { PendingOutcome } from 'cloudbase-voice';
import { expect, test } from 'vitest';
import { VoiceError } from '../../contract/errors.ts';
import { pendingNotice } from './pending-notice.ts';

const outcome = (result: PendingOutcome['result'], over: Partial<PendingOutcome> = {}): PendingOutcome => ({
  sessionId: `session-${result}`,
  title: '',
  recordedMs: 12_000,
  result,
  ...over,
});

test('nothing pending, or only what was thrown away, is no notice', () => {
  expect(pendingNotice([])).toBeNull();
  expect(pendingNotice([outcome('cancelled')])).toBeNull();
});

test('what still waits comes before everything else and can be tried again', () => {
  const notice = pendingNotice([outcome('delivered'), outcome('pending'), outcome('pending')]);
  expect(notice).toMatchObject({ tone: 'warn', action: 'resume' });
  expect(notice?.title).toContain('24 秒');
});

test('what is lost is said with its reason', () => {
  const error = new VoiceError('SESSION_EXPIRED');
  const notice = pendingNotice([outcome('undeliverable', { error }), outcome('delivered')]);
  expect(notice).toMatchObject({ tone: 'bad', action: 'none' });
  expect(notice?.hint).not.toBe('');
});

test('what has arrived can be opened', () => {
  const notice = pendingNotice([
    outcome('delivered', { answer: { id: 'session-9', sentences: 2, durationMs: 1 } }),
  ]);
  expect(notice).toMatchObject({ tone: 'ok', action: 'open', sessionId: 'session-9' });
});
