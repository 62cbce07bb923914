import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { writeWav } from '../audio/wav.ts';
import { concat, silence } from '../samples/compose.ts';
import type { AsrServer } from '../server.ts';
import { ACCOUNT, AsrClient, baseQuery, type Query, signedPath } from '../testing/asr-client.ts';
import { toTelephone } from '../testing/degrade.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { readSample } from '../testing/sample-files.ts';
import { startTestServer } from '../testing/test-server.ts';

const clock = new FakeClock();
const recordDir = mkdtempSync(join(tmpdir(), 'asr-record-'));
let server: AsrServer;
const clients: AsrClient[] = [];

beforeAll(async () => {
  server = await startTestServer({ clock, recordDir, limits: { maxSessions: 6 } });
});
afterEach(async () => {
  server.faults.clear();
  for (const client of clients.splice(0)) client.socket.terminate();
  await vi.waitFor(() => expect(server.stats.sessions.open).toBe(0));
});
afterAll(async () => {
  await server.close();
  rmSync(recordDir, { recursive: true });
});

async function connect(
  query: Query = {},
  path?: string,
  headers?: Record<string, string>,
): Promise<AsrClient> {
  const signed = path ?? signedPath({ ...baseQuery(clock.nowS), ...query });
  const client = await AsrClient.connect(server.url, signed, headers);
  clients.push(client);
  return client;
}

/** Connects and waits for the handshake. */
async function open(query: Query = {}): Promise<AsrClient> {
  const client = await connect(query);
  await vi.waitFor(() => expect(client.messages.length).toBe(1));
  return client;
}

/** Sends audio at the pace of the fake clock, waiting for the server to have taken it. */
async function feed(client: AsrClient, pcm: Int16Array | Uint8Array, bytesPerMs = 32): Promise<void> {
  const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  for (let at = 0; at < bytes.length; at += 2_000 * bytesPerMs) {
    const piece = bytes.subarray(at, at + 2_000 * bytesPerMs);
    const before = server.stats.audioMs;
    client.send(piece);
    await vi.waitFor(() => expect(server.stats.audioMs).toBeGreaterThan(before), { interval: 1 });
    clock.advance(2_000);
  }
}

async function ended(client: AsrClient): Promise<number> {
  return client.closed;
}

const phrase = readSample('phrases/coffee');
const sentence = concat([silence(500), phrase.samples, silence(1_300)]);

describe('an accepted stream', () => {
  test('begins with a handshake that has no message_id', async () => {
    const client = await open({ voice_id: 'RnKu9FODFHK5FPpsrN' });
    expect(client.messages).toEqual([{ code: 0, message: 'success', voice_id: 'RnKu9FODFHK5FPpsrN' }]);
  });

  test('delivers slices 0, 1 … 2, and after `end` a final and the close', async () => {
    const client = await open({ voice_id: 'stream-1' });
    await feed(client, sentence);
    client.end();
    expect(await ended(client)).toBe(1000);
    const results = client.messages.flatMap(({ result }) => result ?? []);
    expect(results.map((result) => result.slice_type)).toEqual([0, ...results.slice(2).map(() => 1), 2]);
    expect(results.at(-1)).toEqual({
      slice_type: 2,
      index: 0,
      start_time: expect.any(Number),
      end_time: expect.any(Number),
      voice_text_str: phrase.text,
      word_size: 0,
      word_list: [],
    });
    expect(client.messages.at(1)?.message_id).toBe('stream-1_0_0');
    const count = client.messages.length - 2;
    expect(client.messages.at(-1)).toEqual({
      code: 0,
      message: 'success',
      voice_id: 'stream-1',
      message_id: `stream-1_${count}`,
      final: 1,
    });
  });

  test('that ends in mid-speech still gets its last sentence', async () => {
    const client = await open();
    await feed(client, concat([silence(500), phrase.samples]));
    client.end();
    await ended(client);
    expect(client.sentences).toEqual([phrase.text]);
    expect(client.messages.at(-1)?.final).toBe(1);
  });

  test('of silence gets its final, and no result', async () => {
    const client = await open();
    await feed(client, silence(2_000));
    client.end();
    await ended(client);
    expect(client.messages.slice(1).map(({ final }) => final)).toEqual([1]);
  });

  test.each([
    [1, phrase.text.replace('。', '')],
    [2, phrase.text],
  ])('has word times with word_info %i', async (wordInfo, text) => {
    const client = await open({ word_info: wordInfo });
    await feed(client, sentence);
    client.end();
    await ended(client);
    const result = client.messages.findLast((message) => message.result)?.result;
    expect(result?.word_list?.map(({ word }) => word).join('')).toBe(text);
    expect(result?.word_size).toBe(result?.word_list?.length);
    expect(result?.word_list?.[0]).toEqual({
      word: '我',
      start_time: result?.start_time,
      end_time: expect.any(Number),
      stable_flag: 1,
    });
    const interim = client.messages.find(({ result: one }) => one?.slice_type === 0)?.result;
    expect(interim?.word_list?.[0]?.stable_flag).toBe(0);
  });

  test('without needvad is one sentence, however long its pauses', async () => {
    const client = await open({ needvad: 0 });
    await feed(client, concat([sentence, sentence]));
    client.end();
    await ended(client);
    expect(client.sentences).toEqual([phrase.text + phrase.text]);
  });

  test('splits at vad_silence_time', async () => {
    for (const [ms, expected] of [
      [500, [phrase.text, phrase.text]],
      [2_000, [phrase.text + phrase.text]],
    ] as const) {
      const client = await open({ vad_silence_time: ms });
      await feed(
        client,
        concat([silence(500), phrase.samples, silence(1_300), phrase.samples, silence(500)]),
      );
      client.end();
      await ended(client);
      expect(client.sentences).toEqual(expected);
    }
  });

  test('delivers empty results in pairs with filter_empty_result 0', async () => {
    const client = await open({ filter_empty_result: 0 });
    await feed(client, sentence);
    client.end();
    await ended(client);
    const [first] = client.messages.flatMap(({ result }) => result ?? []);
    expect(first).toMatchObject({ slice_type: 0, index: 0, voice_text_str: '' });
  });

  test('drops the last full stop with filter_punc 1', async () => {
    const client = await open({ filter_punc: 1 });
    await feed(client, sentence);
    client.end();
    await ended(client);
    expect(client.sentences).toEqual([phrase.text.replace('。', '')]);
  });

  test('is cut by max_speak_time, with every character said once', async () => {
    const { samples, text } = readSample('fast');
    const client = await open({ max_speak_time: 5_000 });
    await feed(client, samples.subarray(0, 16_000 * 16));
    client.end();
    await ended(client);
    expect(client.sentences.length).toBeGreaterThan(2);
    expect(text.startsWith(client.sentences.slice(0, -1).join(''))).toBe(true);
  });

  test('may be 8 kHz, cut anywhere, also inside a sample', async () => {
    const client = await open({ engine_model_type: '8k_zh' });
    const pcm = toTelephone(sentence);
    const bytes = new Uint8Array(pcm.buffer);
    for (let at = 0; at < bytes.length; at += 15_999) {
      await feed(client, bytes.slice(at, at + 15_999), 16);
    }
    client.end();
    await ended(client);
    expect(client.sentences).toEqual([phrase.text]);
  });

  test('may be a WAV file', async () => {
    const client = await open({ voice_format: 12 });
    await feed(client, writeWav(sentence, 16_000));
    client.end();
    await ended(client);
    expect(client.sentences).toEqual([phrase.text]);
  });

  test('may carry a context message and unknown parameters, which are signed like all others', async () => {
    const client = await open({ sub_service_type: 1, hotword_list: '腾讯云|10,语音识别|100' });
    client.socket.send(JSON.stringify({ context_type: 'context', hotword_list: '腾讯云|10' }));
    await feed(client, sentence);
    client.end();
    await ended(client);
    expect(client.sentences).toEqual([phrase.text]);
  });

  test('may come with temporary credentials', async () => {
    const client = await connect({}, undefined, { 'X-TC-Token': 'token' });
    await vi.waitFor(() => expect(client.lastCode).toBe(0));
  });

  test('is recorded byte for byte', async () => {
    const client = await open({ voice_id: '../a/b' });
    await feed(client, phrase.samples);
    client.end();
    await ended(client);
    const file = join(recordDir, '%2E%2E%2Fa%2Fb.pcm');
    await vi.waitFor(() => expect(readFileSync(file).length).toBe(phrase.samples.byteLength));
    expect(readFileSync(file)).toEqual(Buffer.from(phrase.samples.buffer));
  });
});

describe('a refused stream gets its code as the first message, and is closed:', () => {
  const at = clock.nowS;
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
    const client = await connect({ timestamp: clock.nowS, expired: clock.nowS + 600, ...query });
    expect(await ended(client)).toBe(1000);
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
    const client = await connect({}, signedPath(baseQuery(clock.nowS), 'another key'));
    await ended(client);
    expect(client.lastCode).toBe(4002);
  });

  test('another AppID', async () => {
    const client = await connect({}, signedPath(baseQuery(clock.nowS), ACCOUNT.secretKey, '999'));
    await ended(client);
    expect(client.lastCode).toBe(4002);
  });

  test('a voice_id that was used before', async () => {
    await open({ voice_id: 'used-once' });
    const second = await connect({ voice_id: 'used-once' });
    await ended(second);
    expect(second.lastCode).toBe(4001);
  });

  test('one more than the account may have at a time', async () => {
    for (let i = 0; i < 6; i++) await open();
    const seventh = await connect();
    await ended(seventh);
    expect(seventh.lastCode).toBe(4006);
  });
});

test.each(['/asr/v2/', '/asr/v1/1250000000?a=1', '/'])(
  'an upgrade of %s is answered with 400',
  async (path) => {
    await expect(AsrClient.connect(server.url, path)).rejects.toThrow('400');
  },
);

describe('a running stream is ended with', () => {
  test('4000 for more than 3 s of audio within 1 s', async () => {
    const client = await open();
    client.send(silence(3_000));
    await vi.waitFor(() => expect(server.stats.audioMs).toBeGreaterThan(0));
    clock.advance(999);
    expect(client.messages).toHaveLength(1);
    client.send(silence(40));
    await ended(client);
    expect(client.lastCode).toBe(4000);
  });

  test('nothing for 3 s of audio in each second', async () => {
    const client = await open();
    for (let i = 0; i < 5; i++) {
      const before = server.stats.audioMs;
      client.send(silence(3_000));
      await vi.waitFor(() => expect(server.stats.audioMs).toBe(before + 3_000));
      clock.advance(1_000);
    }
    client.end();
    await ended(client);
    expect(client.lastCode).toBe(0);
  });

  test('4007 for a format that cannot be decoded: also for PCM that was not declared', async () => {
    const { voice_format: _, ...query } = baseQuery(clock.nowS);
    const client = await connect({}, signedPath(query));
    client.send(silence(100));
    await ended(client);
    expect(client.lastCode).toBe(4007);
  });

  test('4007 for a WAV of another rate', async () => {
    const client = await open({ voice_format: 12 });
    client.send(writeWav(phrase.samples, 8_000));
    await ended(client);
    expect(client.lastCode).toBe(4007);
  });

  test('4008 after 15 s without audio, not before, and not for empty frames', async () => {
    const client = await open();
    await feed(client, silence(100));
    clock.advance(12_900);
    client.send(new Uint8Array(0));
    client.socket.ping();
    await new Promise((resolve) => client.socket.once('pong', resolve));
    expect(client.messages).toHaveLength(1);
    clock.advance(200);
    await ended(client);
    expect(client.messages.at(-1)).toMatchObject({ code: 4008, message: '后台识别服务器音频分片等待超时' });
  });

  test.each(['hello', '{"type":"stop"}', '[]', 'null'])('4010 for the text %s', async (text) => {
    const client = await open();
    client.socket.send(text);
    await ended(client);
    expect(client.lastCode).toBe(4010);
  });

  test('4009, noted, when its client goes away', async () => {
    const before = server.stats.codes[4009] ?? 0;
    const client = await open();
    client.socket.terminate();
    await vi.waitFor(() => expect(server.stats.codes[4009]).toBe(before + 1));
  });
});

test('server_time is UNIX seconds as plain text', async () => {
  const response = await fetch(`${server.url}/server_time`);
  expect(await response.text()).toBe(String(clock.nowS));
});
