import { describe, expect, test, vi } from 'vitest';
import { DAILY_STATS, SESSIONS, type SessionRecord } from '../../contract/records.ts';
import { Deferred } from '../../lib/deferred.ts';
import { ASR_KEYS } from '../shared/testing/asr-server.ts';
import { aWav } from '../shared/testing/audio.ts';
import { recognitionForTests, startFunctionsGateway } from '../shared/testing/functions-gateway.ts';
import { A, aSession, B } from '../shared/testing/records.ts';

const { asr, gateway } = await recognitionForTests(['recognize', 'history'], {
  functionEnv: {
    TENCENT_TOKEN: ASR_KEYS.token,
    // a proxy that nobody listens at: what goes through it fails
    http_proxy: 'http://127.0.0.1:9',
    https_proxy: 'http://127.0.0.1:9',
  },
});

const recognize = (data: object, openid = A) => gateway.as(openid)('recognize', data);
const wav = (ms = 1_000) => aWav({ ms }).toString('base64');
const sessions = () => gateway.dump(SESSIONS) as unknown as SessionRecord[];

test('a recording is recognised, stored like a session and counted once', async () => {
  asr.answers = [
    {
      Result: '你好，世界。',
      AudioDuration: 1_499,
      WordList: [{ Word: '你好', StartTime: 10, EndTime: 500 }],
    },
  ];
  const asked = { sessionId: 'oneshot-1', audio: wav(1_500), wordTimes: true, title: '随手记' };
  const answer = await recognize(asked);
  const words = [{ text: '你好', startMs: 10, endMs: 500 }];
  expect(answer).toEqual({ sessionId: 'oneshot-1', text: '你好，世界。', durationMs: 1_500, words });

  const [call] = asr.calls;
  expect(call?.params).toMatchObject({ EngSerViceType: '16k_zh', VoiceFormat: 'wav', WordInfo: 2 });
  expect(call?.headers['x-tc-token']).toBe(ASR_KEYS.token);
  expect(sessions()).toMatchObject([
    {
      _id: 'oneshot-1',
      _openid: A,
      source: 'oneshot',
      state: 'completed',
      samples: 24_000,
      sentenceCount: 1,
    },
  ]);
  expect(gateway.dump(DAILY_STATS)).toMatchObject([
    { oneshot: 1, sessions: 1, sentences: 1, chars: 4, durationMs: 1_500 },
    { day: 'total', oneshot: 1 },
  ]);
  const got = await gateway.as(A)('history', { action: 'get', sessionId: 'oneshot-1' });
  expect(got.session).toMatchObject({ source: 'oneshot', title: '随手记', preview: '你好，世界。' });
  expect(got.sentences).toEqual([{ index: 0, text: '你好，世界。', startMs: 0, endMs: 1_500, words }]);
});

test('the same request again gets the stored answer and is neither paid nor counted twice', async () => {
  const asked = { sessionId: 'oneshot-1', audio: wav() };
  const first = await recognize(asked);
  asr.answers = [{ Result: '别的' }];
  expect(await recognize(asked)).toEqual(first);
  expect(asr.calls).toHaveLength(1);
  expect(gateway.dump(DAILY_STATS)).toMatchObject([{ sessions: 1 }, { sessions: 1 }]);
});

test('the same request twice at once is paid once: the second is answered CONFLICT', async () => {
  const asked = { sessionId: 'oneshot-1', audio: wav() };
  const answered = new Deferred<void>();
  asr.gate = answered.promise;
  const first = recognize(asked);
  await vi.waitFor(() => expect(asr.calls).toHaveLength(1), { timeout: 10_000 });
  expect(await recognize(asked)).toMatchObject({ code: 'CONFLICT', retriable: true });
  expect((await gateway.as(A)('history', { action: 'list' })).items).toEqual([]);
  answered.resolve();
  expect(await first).toHaveProperty('text');
  expect(asr.calls).toHaveLength(1);
});

test('a recording without speech is stored without a sentence', async () => {
  asr.answers = [{ Result: '' }];
  expect(await recognize({ sessionId: 'silence-1', audio: wav() })).toMatchObject({ text: '' });
  expect(sessions()).toMatchObject([{ sentenceCount: 0, sentences: {}, samples: 16_000 }]);
});

test('a failure leaves nothing behind, and the same request may be sent again', async () => {
  asr.answers = [{ Code: 'FailedOperation.UserHasNoFreeAmount' }, { Result: '好' }];
  const asked = { sessionId: 'oneshot-1', audio: wav() };
  expect(await recognize(asked)).toMatchObject({ code: 'ASR_NO_QUOTA', retriable: false });
  expect(sessions()).toEqual([]);
  expect(gateway.dump(DAILY_STATS)).toEqual([]);
  expect(await recognize(asked)).toMatchObject({ text: '好' });
});

describe('one repetition, where it can help', () => {
  test.each([
    ['an internal error', { Code: 'InternalError.ErrorRecognize' }],
    ['too many requests', { Code: 'RequestLimitExceeded.UinLimitExceeded' }],
    ['a server error', 503],
    ['a cut connection', new Error('cut')],
  ])('%s is tried once more', async (_, failure) => {
    asr.answers = [failure, { Result: '好' }];
    expect(await recognize({ audio: wav() })).toMatchObject({ text: '好' });
    expect(asr.calls).toHaveLength(2);
  });
  test('and not a third time', async () => {
    asr.answers = [503];
    expect(await recognize({ audio: wav() })).toMatchObject({ code: 'ASR_UNAVAILABLE', retriable: true });
    expect(asr.calls).toHaveLength(2);
  });
  test('a permanent error is not repeated', async () => {
    asr.answers = [{ Code: 'AuthFailure.SignatureFailure' }];
    expect(await recognize({ audio: wav() })).toMatchObject({ code: 'ASR_AUTH' });
    expect(asr.calls).toHaveLength(1);
  });
});

test('what cannot succeed is refused before it is paid for', async () => {
  const pcm = Buffer.alloc(64_000).toString('base64');
  const refused: [object, string][] = [
    [{}, 'BAD_REQUEST'],
    [{ audio: wav(), fileID: 'cloud://x/y' }, 'BAD_REQUEST'],
    [{ audio: 'not base64!' }, 'BAD_REQUEST'],
    [{ audio: wav(), engine: '16k_zh_large' }, 'UNKNOWN_ENGINE'],
    [{ audio: wav(), engine: '__proto__' }, 'UNKNOWN_ENGINE'],
    [{ audio: wav(60_001) }, 'AUDIO_TOO_LONG'],
    [{ audio: pcm }, 'AUDIO_UNSUPPORTED'],
    [{ audio: aWav({ channels: 2 }).toString('base64') }, 'AUDIO_UNSUPPORTED'],
    [{ audio: aWav({ rateHz: 44_100 }).toString('base64') }, 'BAD_SAMPLE_RATE'],
    [{ audio: aWav({ rateHz: 8_000 }).toString('base64') }, 'BAD_SAMPLE_RATE'],
    [{ audio: 'A'.repeat(3 * 1024 * 1024 + 4) }, 'BAD_REQUEST'],
    [{ audio: 'A'.repeat(4 * 1024 * 1024) }, 'TOO_LARGE'],
  ];
  for (const [data, code] of refused) {
    expect([code, await recognize(data)]).toEqual([code, expect.objectContaining({ code })]);
  }
  expect(asr.calls).toEqual([]);
  expect(sessions()).toEqual([]);
  expect(await recognize({ audio: pcm, format: 'pcm' })).toMatchObject({ durationMs: 2_000 });
  const phone = aWav({ rateHz: 8_000 }).toString('base64');
  expect(await recognize({ audio: phone, engine: '8k_zh' })).toMatchObject({ durationMs: 1_000 });
});

test("an id that is another's, a streamed session's or a deleted one's is not taken", async () => {
  await gateway.seed(SESSIONS, [
    aSession('theirs-01', { _openid: B, source: 'oneshot' }),
    aSession('streamed-1'),
    aSession('deleted-01', { source: 'oneshot', deletedAt: new Date() }),
  ]);
  const before = gateway.dump(SESSIONS);
  for (const [sessionId, code] of [
    ['theirs-01', 'FORBIDDEN'],
    ['streamed-1', 'BAD_REQUEST'],
    ['deleted-01', 'SESSION_DELETED'],
  ]) {
    expect(await recognize({ sessionId, audio: wav() })).toMatchObject({ code });
  }
  expect(gateway.dump(SESSIONS)).toEqual(before);
  expect(asr.calls).toEqual([]);
});

test('a reservation that a crash left is taken over once it has expired', async () => {
  const left = { source: 'oneshot', state: 'cancelled', claim: 'crashed', counted: null } as const;
  await gateway.seed(SESSIONS, [
    aSession('crashed-old', { ...left, updatedAt: new Date(Date.now() - 120_000) }),
    aSession('crashed-now', { ...left, updatedAt: new Date() }),
  ]);
  expect(await recognize({ sessionId: 'crashed-old', audio: wav() })).toHaveProperty('text');
  expect(await recognize({ sessionId: 'crashed-now', audio: wav() })).toMatchObject({ code: 'CONFLICT' });
});

test('a missing setting is INTERNAL outward and named in the log', async () => {
  const bare = await startFunctionsGateway(['recognize']);
  try {
    expect(await bare.as(A)('recognize', { audio: wav() })).toMatchObject({ code: 'INTERNAL' });
    await vi.waitFor(() => expect(bare.logs.join('\n')).toContain('TENCENT_SECRET_ID is not set'));
  } finally {
    await bare.stop();
  }
});

test('neither text nor openid reaches the log', async () => {
  await recognize({ sessionId: 'oneshot-1', audio: wav(), title: '机密标题' });
  await vi.waitFor(() => expect(gateway.logs.length).toBeGreaterThan(0));
  const logged = gateway.logs.join('\n');
  expect(logged).toContain('"fn":"recognize"');
  for (const secret of ['你好，世界', '机密标题', A, ASR_KEYS.secretKey, ASR_KEYS.secretId]) {
    expect(logged).not.toContain(secret);
  }
});
