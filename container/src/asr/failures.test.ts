import { describe, expect, it } from 'vitest';
import { isRetriable } from '../../../contract/errors.ts';
import { codeMeaning, connectionLostFailure, failureOfCode, upgradeRefusedFailure } from './failures.ts';

describe('a code of the service', () => {
  it.each([
    [4000, 'retriable', 'ASR_UNAVAILABLE'],
    [4001, 'fatal', 'ASR_BAD_PARAMS'],
    [4002, 'fatal', 'ASR_AUTH'],
    [4003, 'fatal', 'ASR_NOT_ENABLED'],
    [4004, 'fatal', 'ASR_NO_QUOTA'],
    [4005, 'fatal', 'ASR_ARREARS'],
    [4006, 'retriable', 'ASR_BUSY'],
    [4007, 'fatal', 'ASR_BAD_AUDIO'],
    [4008, 'retriable', 'ASR_UNAVAILABLE'],
    [4009, 'retriable', 'ASR_UNAVAILABLE'],
    [4010, 'retriable', 'ASR_UNAVAILABLE'],
    [5000, 'retriable', 'ASR_UNAVAILABLE'],
    [5001, 'retriable', 'ASR_UNAVAILABLE'],
    [5002, 'retriable', 'ASR_UNAVAILABLE'],
    [6001, 'fatal', 'ASR_REGION'],
    [4999, 'fatal', 'ASR_BAD_PARAMS'],
    [5999, 'retriable', 'ASR_UNAVAILABLE'],
    [6002, 'fatal', 'ASR_BAD_PARAMS'],
    [-1, 'retriable', 'ASR_UNAVAILABLE'],
  ])('%i is %s, %s', (code, kind, error) => {
    const failure = failureOfCode(code);
    expect(failure).toMatchObject({ code, reason: 'code', class: kind, error });
    expect(isRetriable(failure.error)).toBe(kind === 'retriable');
    expect(codeMeaning(code)).not.toBe('');
  });

  it('4000 asks to slow down, and no other code does', () => {
    expect(failureOfCode(4000).tooFast).toBe(true);
    expect(failureOfCode(5000).tooFast).toBeUndefined();
  });

  it('4006 comes with a wait', () => {
    expect(failureOfCode(4006).retryAfterMs).toBeGreaterThanOrEqual(1_000);
  });

  it('carries nothing that is only for the log', () => {
    expect(failureOfCode(4001)).toEqual({
      code: 4001,
      reason: 'code',
      class: 'fatal',
      error: 'ASR_BAD_PARAMS',
    });
  });
});

describe('an end without a code', () => {
  it('is retriable and has no code', () => {
    expect(connectionLostFailure('closed')).toEqual({
      reason: 'closed',
      class: 'retriable',
      error: 'ASR_UNAVAILABLE',
    });
  });

  it.each([
    [401, 'ASR_AUTH'],
    [403, 'ASR_AUTH'],
    [502, 'ASR_UNAVAILABLE'],
  ])('status %i is worth another try, then %s', (status, error) => {
    expect(upgradeRefusedFailure(status)).toEqual({ reason: 'refused', class: 'retriable', error });
  });

  it.each([400, 414, 431])('status %i is final: the same address would be refused again', (status) => {
    expect(upgradeRefusedFailure(status, '7')).toEqual({
      reason: 'refused',
      class: 'fatal',
      error: 'ASR_BAD_PARAMS',
    });
  });

  it('honours Retry-After in seconds, within reason', () => {
    expect(upgradeRefusedFailure(503, '7').retryAfterMs).toBe(7_000);
    expect(upgradeRefusedFailure(503, '99999').retryAfterMs).toBe(60_000);
    expect(upgradeRefusedFailure(503, 'Wed, 21 Oct 2026 07:28:00 GMT')).not.toHaveProperty('retryAfterMs');
  });
});
