import { Agent } from 'node:http';
import { createRequire } from 'node:module';
import type * as Sdk from 'tencentcloud-sdk-nodejs-asr';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeWav } from '../../../lib/wav.ts';
import type { AsrServer } from '../server.ts';
import { ACCOUNT } from '../testing/asr-client.ts';
import { concat, silence } from '../testing/audio.ts';
import { toTelephone } from '../testing/degrade.ts';
import { readSample } from '../testing/sample-files.ts';
import { startTestServer } from '../testing/test-server.ts';

const { asr } = createRequire(import.meta.url)('tencentcloud-sdk-nodejs-asr') as typeof Sdk;
const phrase = readSample('phrases/train-ticket');
const speech = concat([silence(300), phrase.samples, silence(600)]);

let server: AsrServer;
const agent = new Agent();
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  agent.destroy();
  await server.close();
});

interface Answer {
  Result: string;
  AudioDuration: number;
  WordSize: number | null;
  WordList: { Word: string; StartTime: number; EndTime: number }[] | null;
  RequestId: string;
}

/** Through the official SDK, unmodified. */
function recognise(
  params: Record<string, unknown>,
  credential = { secretId: ACCOUNT.secretId, secretKey: ACCOUNT.secretKey },
  action = 'SentenceRecognition',
): Promise<Answer> {
  const client = new asr.v20190614.Client({
    credential,
    profile: {
      httpProfile: { endpoint: `127.0.0.1:${server.port}`, protocol: 'http://', reqTimeout: 20, agent },
    },
  });
  return client.request(action, params) as Promise<Answer>;
}

const pcmParams = (
  pcm: Int16Array | Buffer,
  extra: Record<string, unknown> = {},
): Record<string, unknown> => {
  const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  return {
    EngSerViceType: '16k_zh',
    SourceType: 1,
    VoiceFormat: 'pcm',
    Data: bytes.toString('base64'),
    DataLen: bytes.length,
    ...extra,
  };
};

test('the official SDK gets the text of PCM audio', async () => {
  expect(await recognise(pcmParams(speech))).toEqual({
    Result: phrase.text,
    AudioDuration: Math.round(speech.length / 16),
    WordSize: 0,
    WordList: null,
    RequestId: expect.any(String),
  });
});

test('a WAV file is read by its header', async () => {
  const file = Buffer.from(writeWav(toTelephone(speech), 8_000));
  const answer = await recognise(pcmParams(file, { VoiceFormat: 'wav', EngSerViceType: '8k_zh' }));
  expect(answer.Result).toBe(phrase.text);
});

test('word times come with WordInfo, with punctuation only for 2', async () => {
  const plain = await recognise(pcmParams(speech, { WordInfo: 1 }));
  const full = await recognise(pcmParams(speech, { WordInfo: 2 }));
  expect(plain.WordList?.map(({ Word }) => Word).join('')).toBe(phrase.text.replace('。', ''));
  expect(full.WordList?.map(({ Word }) => Word).join('')).toBe(phrase.text);
  expect(full.WordSize).toBe(full.WordList?.length);
  expect(plain.WordList?.[0]).toEqual({
    Word: '帮',
    StartTime: expect.any(Number),
    EndTime: expect.any(Number),
  });
});

test('FilterPunc 1 drops the last full stop, 2 all punctuation', async () => {
  const traffic = readSample('phrases/traffic');
  const pcm = concat([silence(300), traffic.samples, silence(600)]);
  expect((await recognise(pcmParams(pcm, { FilterPunc: 1 }))).Result).toBe('路上堵车，我晚到十分钟');
  expect((await recognise(pcmParams(pcm, { FilterPunc: 2 }))).Result).toBe('路上堵车我晚到十分钟');
});

test('silence has an empty text', async () => {
  expect((await recognise(pcmParams(silence(2_000)))).Result).toBe('');
});

test('sixty seconds are accepted, more is not', async () => {
  expect((await recognise(pcmParams(silence(60_000)))).AudioDuration).toBe(60_000);
  await expect(recognise(pcmParams(silence(60_100)))).rejects.toMatchObject({
    code: 'InvalidParameterValue.ErrorVoicedataTooLong',
  });
});

describe('is refused, with the code in the SDK’s exception:', () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      'a large-model engine',
      { EngSerViceType: '16k_zh_large' },
      'InvalidParameterValue.ErrorInvalidEngservice',
    ],
    ['an unknown format', { VoiceFormat: 'flac' }, 'InvalidParameterValue.ErrorInvalidVoiceFormat'],
    ['a format not decoded here', { VoiceFormat: 'mp3' }, 'FailedOperation.ErrorRecognize'],
    ['PCM that is called WAV', { VoiceFormat: 'wav' }, 'FailedOperation.ErrorRecognize'],
    ['another source', { SourceType: 2 }, 'InvalidParameterValue.ErrorInvalidSourcetype'],
    ['a URL', { SourceType: 0, Url: 'http://127.0.0.1/a.wav' }, 'InternalError.ErrorDownFile'],
    ['no data', { Data: '' }, 'InvalidParameterValue.ErrorInvalidVoicedata'],
    ['data with line breaks', { Data: 'AAAA\nAAAA' }, 'InvalidParameterValue.ErrorInvalidVoicedata'],
    ['a wrong length', { DataLen: 7 }, 'InvalidParameter.ErrorContentlength'],
    ['no engine', { EngSerViceType: undefined }, 'InvalidParameter.ErrorParamsMissing'],
    [
      'more than 3 MB of Base64',
      { Data: 'A'.repeat(3 * 1024 * 1024 + 4) },
      'InvalidParameterValue.ErrorVoicedataTooLong',
    ],
  ])('%s', async (_, change, code) => {
    await expect(recognise(pcmParams(speech, change))).rejects.toMatchObject({
      code,
      requestId: expect.any(String),
    });
  });

  test('a wrong key', async () => {
    const credential = { secretId: ACCOUNT.secretId, secretKey: 'wrong' };
    await expect(recognise(pcmParams(speech), credential)).rejects.toMatchObject({
      code: 'AuthFailure.SignatureFailure',
    });
  });

  test('an unknown SecretId', async () => {
    const credential = { secretId: 'AKIDNOBODY', secretKey: ACCOUNT.secretKey };
    await expect(recognise(pcmParams(speech), credential)).rejects.toMatchObject({
      code: 'AuthFailure.SecretIdNotFound',
    });
  });

  test('another action', async () => {
    await expect(recognise({}, undefined, 'CreateRecTask')).rejects.toMatchObject({ code: 'InvalidAction' });
  });
});

test('a request without a signature is refused', async () => {
  const response = await fetch(server.url, { method: 'POST', body: '{}' });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    Response: { Error: { Code: 'AuthFailure.SignatureFailure' } },
  });
});
