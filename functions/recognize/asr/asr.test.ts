import { expect, test } from 'vitest';
import { asrConfigFrom } from './config.ts';
import { ruleOf } from './errors.ts';

const KEYS = { TENCENT_SECRET_ID: 'id', TENCENT_SECRET_KEY: 'key' };

test('the endpoint is the service itself, or a host or address that is named', () => {
  const of = (ASR_ONESHOT_ENDPOINT?: string) => {
    const { protocol, host } = asrConfigFrom({
      ...KEYS,
      ...(ASR_ONESHOT_ENDPOINT !== undefined && { ASR_ONESHOT_ENDPOINT }),
    });
    return `${protocol}//${host}`;
  };
  expect(of()).toBe('https://asr.tencentcloudapi.com');
  expect(of(' ')).toBe('https://asr.tencentcloudapi.com');
  expect(of('asr.ap-shanghai.tencentcloudapi.com')).toBe('https://asr.ap-shanghai.tencentcloudapi.com');
  expect(of('http://127.0.0.1:8080')).toBe('http://127.0.0.1:8080');
  for (const wrong of ['ftp://x', 'http://x/path', 'a b']) {
    expect(() => of(wrong)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  }
});

test('a missing key is named, and temporary credentials are taken', () => {
  for (const name of Object.keys(KEYS)) {
    expect(() => asrConfigFrom({ ...KEYS, [name]: ' ' })).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ message: expect.stringContaining(name) }) }),
    );
  }
  expect(asrConfigFrom({ ...KEYS, TENCENT_TOKEN: 't' }).token).toBe('t');
});

test.each([
  [{ code: 'AuthFailure.SecretIdNotFound' }, 'ASR_AUTH', false],
  [{ code: 'UnauthorizedOperation' }, 'ASR_AUTH', false],
  [{ code: 'FailedOperation.UserNotRegistered' }, 'ASR_NOT_ENABLED', false],
  [{ code: 'FailedOperation.UserHasNoAmount' }, 'ASR_NO_QUOTA', false],
  [{ code: 'FailedOperation.ServiceIsolate' }, 'ASR_ARREARS', false],
  [{ code: 'FailedOperation.ErrorRecognize' }, 'ASR_BAD_AUDIO', false],
  [{ code: 'FailedOperation.SomethingNew' }, 'ASR_UNAVAILABLE', true],
  [{ code: 'InvalidParameterValue.NoHumanVoice' }, 'NO_SPEECH', false],
  [{ code: 'InvalidParameterValue.ErrorInvalidEngservice' }, 'ASR_BAD_PARAMS', false],
  [{ code: 'InvalidParameterValue.ErrorVoicedataTooLong' }, 'AUDIO_TOO_LONG', false],
  [{ code: 'RequestLimitExceeded.UinLimitExceeded' }, 'ASR_BUSY', true],
  [{ code: 'InternalError.ErrorGetRoute' }, 'ASR_UNAVAILABLE', true],
  [{ code: 'NeverSeen.Before' }, 'ASR_UNAVAILABLE', false],
  [{ code: 'constructor' }, 'ASR_UNAVAILABLE', false],
  [{ code: '', httpCode: 502, message: 'Bad Gateway' }, 'ASR_UNAVAILABLE', true],
  [{ code: '', httpCode: 403, message: 'Forbidden' }, 'ASR_UNAVAILABLE', false],
  [
    { code: '', message: 'request to http://x failed, reason: connect ECONNREFUSED' },
    'ASR_UNAVAILABLE',
    true,
  ],
  [{ code: '', message: 'network timeout at: http://x' }, 'ASR_UNAVAILABLE', false],
  [{ code: '', message: 'The user aborted a request.' }, 'ASR_UNAVAILABLE', false],
  [undefined, 'ASR_UNAVAILABLE', true],
] as const)('%o is %s; sent again: %s', (error, code, again) => {
  const rule = ruleOf(error);
  expect([rule.code, rule.again ?? false]).toEqual([code, again]);
});
