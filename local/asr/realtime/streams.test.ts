import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { writeWav } from '../../../lib/wav.ts';
import { concat, silence } from '../testing/audio.ts';
import { toTelephone } from '../testing/degrade.ts';
import { RealtimeFixture } from '../testing/realtime-fixture.ts';
import { readSample } from '../testing/sample-files.ts';

const recordDir = mkdtempSync(join(tmpdir(), 'asr-record-'));
const fixture = new RealtimeFixture({ recordDir });
beforeAll(() => fixture.start());
afterEach(() => fixture.reset());
afterAll(async () => {
  await fixture.stop();
  rmSync(recordDir, { recursive: true });
});

const phrase = readSample('phrases/coffee');
const sentence = concat([silence(500), phrase.samples, silence(1_300)]);

describe('an accepted stream', () => {
  test('begins with a handshake message without message_id', async () => {
    const client = await fixture.open({ voice_id: 'RnKu9FODFHK5FPpsrN' });
    expect(client.messages).toEqual([{ code: 0, message: 'success', voice_id: 'RnKu9FODFHK5FPpsrN' }]);
  });

  test('sends results 0, 1 … 2, and after `end` a final and the close', async () => {
    const client = await fixture.open({ voice_id: 'stream-1' });
    expect(await fixture.stream(client, sentence)).toBe(1000);
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

  test('that ends within speech still gets its last sentence', async () => {
    const client = await fixture.open();
    await fixture.stream(client, concat([silence(500), phrase.samples]));
    expect(client.sentences).toEqual([phrase.text]);
    expect(client.messages.at(-1)?.final).toBe(1);
  });

  test('of silence gets its final, and no result', async () => {
    const client = await fixture.open();
    await fixture.stream(client, silence(2_000));
    expect(client.messages.slice(1).map(({ final }) => final)).toEqual([1]);
  });

  test.each([
    [1, phrase.text.replace('。', '')],
    [2, phrase.text],
  ])('has word times with word_info %i', async (wordInfo, text) => {
    const client = await fixture.open({ word_info: wordInfo });
    await fixture.stream(client, sentence);
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
    const client = await fixture.open({ needvad: 0 });
    await fixture.stream(client, concat([sentence, sentence]));
    expect(client.sentences).toEqual([phrase.text + phrase.text]);
  });

  test('splits at vad_silence_time', async () => {
    for (const [ms, expected] of [
      [500, [phrase.text, phrase.text]],
      [2_000, [phrase.text + phrase.text]],
    ] as const) {
      const client = await fixture.open({ vad_silence_time: ms });
      await fixture.feed(
        client,
        concat([silence(500), phrase.samples, silence(1_300), phrase.samples, silence(500)]),
      );
      client.end();
      await client.closed;
      expect(client.sentences).toEqual(expected);
    }
  });

  test('sends empty results in pairs with filter_empty_result 0', async () => {
    const client = await fixture.open({ filter_empty_result: 0 });
    await fixture.stream(client, sentence);
    const [first] = client.messages.flatMap(({ result }) => result ?? []);
    expect(first).toMatchObject({ slice_type: 0, index: 0, voice_text_str: '' });
  });

  test('drops the last full stop with filter_punc 1', async () => {
    const client = await fixture.open({ filter_punc: 1 });
    await fixture.stream(client, sentence);
    expect(client.sentences).toEqual([phrase.text.replace('。', '')]);
  });

  test('has its sentences ended by max_speak_time, with every character sent once', async () => {
    const { samples, text } = readSample('fast');
    const client = await fixture.open({ max_speak_time: 5_000 });
    await fixture.stream(client, samples.subarray(0, 16_000 * 16));
    expect(client.sentences.length).toBeGreaterThan(2);
    expect(text.startsWith(client.sentences.slice(0, -1).join(''))).toBe(true);
  });

  test('may be 8 kHz, split anywhere, also within a sample', async () => {
    const client = await fixture.open({ engine_model_type: '8k_zh' });
    const pcm = toTelephone(sentence);
    const bytes = new Uint8Array(pcm.buffer);
    for (let at = 0; at < bytes.length; at += 15_999) {
      await fixture.feed(client, bytes.slice(at, at + 15_999), 16);
    }
    client.end();
    await client.closed;
    expect(client.sentences).toEqual([phrase.text]);
  });

  test('may be a WAV file', async () => {
    const client = await fixture.open({ voice_format: 12 });
    await fixture.stream(client, writeWav(sentence, 16_000));
    expect(client.sentences).toEqual([phrase.text]);
  });

  test('may send a context message and unknown parameters, which are signed like all others', async () => {
    const client = await fixture.open({ sub_service_type: 1, hotword_list: '腾讯云|10,语音识别|100' });
    client.socket.send(JSON.stringify({ context_type: 'context', hotword_list: '腾讯云|10' }));
    await fixture.stream(client, sentence);
    expect(client.sentences).toEqual([phrase.text]);
  });

  test('may use temporary credentials', async () => {
    const client = await fixture.connect({}, undefined, { 'X-TC-Token': 'token' });
    await vi.waitFor(() => expect(client.lastCode).toBe(0));
  });

  test('is recorded byte for byte', async () => {
    const client = await fixture.open({ voice_id: '../a/b' });
    await fixture.stream(client, phrase.samples);
    const file = join(recordDir, '%2E%2E%2Fa%2Fb.pcm');
    await vi.waitFor(() => expect(readFileSync(file).length).toBe(phrase.samples.byteLength));
    expect(readFileSync(file)).toEqual(Buffer.from(phrase.samples.buffer));
  });
});
