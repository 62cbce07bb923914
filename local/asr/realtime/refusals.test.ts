import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { writeWav } from '../../../lib/wav.ts';
import { ACCOUNT, AsrClient, baseQuery, type Query, signedPath } from '../testing/asr-client.ts';
import { silence } from '../testing/audio.ts';
import { RealtimeFixture } from '../testing/realtime-fixture.ts';
import { readSample } from '../testing/sample-files.ts';

const fixture = new RealtimeFixture({ limits: { maxSessions: 6 } });
beforeAll(() => fixture.start());
afterEach(() => fixture.reset());
afterAll(() => fixture.stop());

const phrase = readSample('phrases/coffee');

describe('a refused stream gets its code as the first message, then it is closed:', () => {
  const at = fixture.nowS;
  test.each<[string, number, Query]>([
    ['no engine', 4001, { engine_model_type: '' }],
    ['an unknown engine', 4001, { engine_model_type: '16k_klingon' }],
    ['no voice_id', 4001, { voice_id: '' }],
    ['a voice_id of 129 characters', 4001, { voice_id: 'x'.repeat(129) }],
    ['a nonce of 11 digits', 4001, { nonce: '12345678901' }],
    ['an unknown voice_format', 4001, { voice_format: 3 }],
    ['a silence out of range', 4001, { vad_silence_time: 499 }],
    ['a max_speak_time out of range', 4001, { max_speak_time: 4_999 }],
    ['word_info 100 on another engine', 4001, { word_info: 100 }],
    ['a hot word with a bad weight', 4001, { hotword_list: '腾讯云|12' }],
    ['a hot word with a space', 4001, { hotword_list: '腾 讯|5' }],
    ['needvad 2', 4001, { needvad: 2 }],
    ['input_sample_rate other than 8000', 4001, { input_sample_rate: 16_000 }],
    ['a timestamp that is no number', 4001, { timestamp: 'now' }],
    ['an unknown secretid', 4002, { secretid: 'AKIDNOBODY' }],
    ['an expiry before the timestamp', 4002, { timestamp: at, expired: at - 1 }],
    ['an expiry 90 days away', 4002, { timestamp: at, expired: at + 90 * 86_400 }],
    ['a clock an hour off', 4002, { timestamp: at - 3_600 }],
  ])('%s', async (_, code, query) => {
    const client = await fixture.connect({
      timestamp: fixture.nowS,
      expired: fixture.nowS + 600,
      ...query,
    });
    expect(await client.closed).toBe(1000);
    expect(client.messages).toEqual([
      {
        code,
        message: expect.any(String),
        voice_id: expect.any(String),
        message_id: expect.any(String),
      },
    ]);
  });

  test('a wrong signature', async () => {
    const client = await fixture.connect({}, signedPath(baseQuery(fixture.nowS), 'another key'));
    await client.closed;
    expect(client.lastCode).toBe(4002);
  });

  test('another AppID', async () => {
    const client = await fixture.connect({}, signedPath(baseQuery(fixture.nowS), ACCOUNT.secretKey, '999'));
    await client.closed;
    expect(client.lastCode).toBe(4002);
  });

  test('a voice_id that was used before', async () => {
    await fixture.open({ voice_id: 'used-once' });
    const second = await fixture.connect({ voice_id: 'used-once' });
    await second.closed;
    expect(second.lastCode).toBe(4001);
  });

  test('more concurrent streams than the account may have', async () => {
    for (let i = 0; i < 6; i++) await fixture.open();
    const seventh = await fixture.connect();
    await seventh.closed;
    expect(seventh.lastCode).toBe(4006);
  });
});

test.each(['/asr/v2/', '/asr/v1/1250000000?a=1', '/'])(
  'an upgrade of %s is answered with 400',
  async (path) => {
    await expect(AsrClient.connect(fixture.server.url, path)).rejects.toThrow('400');
  },
);

describe('a running stream is ended with', () => {
  test('4000 for more than 3 s of audio within 1 s', async () => {
    const client = await fixture.open();
    client.send(silence(3_000));
    await vi.waitFor(() => expect(fixture.server.stats.audioMs).toBeGreaterThan(0));
    fixture.clock.advanceSync(999);
    expect(client.messages).toHaveLength(1);
    client.send(silence(40));
    await client.closed;
    expect(client.lastCode).toBe(4000);
  });

  test('nothing for 3 s of audio in each second', async () => {
    const client = await fixture.open();
    for (let i = 0; i < 5; i++) {
      const before = fixture.server.stats.audioMs;
      client.send(silence(3_000));
      await vi.waitFor(() => expect(fixture.server.stats.audioMs).toBe(before + 3_000));
      fixture.clock.advanceSync(1_000);
    }
    client.end();
    await client.closed;
    expect(client.lastCode).toBe(0);
  });

  test('4007 for a format that cannot be decoded: also for PCM that was not declared', async () => {
    const { voice_format: _, ...query } = baseQuery(fixture.nowS);
    const client = await fixture.connect({}, signedPath(query));
    client.send(silence(100));
    await client.closed;
    expect(client.lastCode).toBe(4007);
  });

  test('4007 for a WAV of another rate', async () => {
    const client = await fixture.open({ voice_format: 12 });
    client.send(writeWav(phrase.samples, 8_000));
    await client.closed;
    expect(client.lastCode).toBe(4007);
  });

  test('4008 after 15 s without audio, not before, and not for empty frames', async () => {
    const client = await fixture.open();
    await fixture.feed(client, silence(100));
    fixture.clock.advanceSync(12_900);
    client.send(new Uint8Array(0));
    client.socket.ping();
    await new Promise((resolve) => client.socket.once('pong', resolve));
    expect(client.messages).toHaveLength(1);
    fixture.clock.advanceSync(200);
    await client.closed;
    expect(client.messages.at(-1)).toMatchObject({ code: 4008, message: '后台识别服务器音频分片等待超时' });
  });

  test.each(['hello', '{"type":"stop"}', '[]', 'null'])('4010 for the text %s', async (text) => {
    const client = await fixture.open();
    client.socket.send(text);
    await client.closed;
    expect(client.lastCode).toBe(4010);
  });

  test('4009, which is only counted, when its client disconnects', async () => {
    const before = fixture.server.stats.codes[4009] ?? 0;
    const client = await fixture.open();
    client.socket.terminate();
    await vi.waitFor(() => expect(fixture.server.stats.codes[4009]).toBe(before + 1));
  });
});

test('server_time is UNIX seconds as plain text', async () => {
  const response = await fetch(`${fixture.server.url}/server_time`);
  expect(await response.text()).toBe(String(fixture.nowS));
});
