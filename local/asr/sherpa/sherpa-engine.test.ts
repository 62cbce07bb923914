import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { EngineBusy, type RecognitionUpdate } from '../recogniser.ts';
import { AsrClient } from '../testing/asr-client.ts';
import { describeRecogniser } from '../testing/recogniser-contract.ts';
import { startTestServer } from '../testing/test-server.ts';
import { transcribe } from '../testing/transcribe.ts';
import { SherpaEngine } from './sherpa-engine.ts';
import { renderTones, writeToyModel } from './testing/toy-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'toy-model-'));
let engine: SherpaEngine;
beforeAll(async () => {
  writeToyModel(join(folder, 'good'));
  engine = await SherpaEngine.load(join(folder, 'good'));
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const speech = renderTones([0.3, '你', '好', '好', 1.5, '今', '天', 1.5, '▁HELLO', '▁WORLD', 1.5]);

describeRecogniser('a sherpa-onnx model', {
  engine: () => engine,
  speech,
  texts: ['你好好', '今天', 'HELLO WORLD'],
});

test('the last token is recognised although the audio ends right after it', async () => {
  expect(await transcribe(engine, renderTones([0.3, '今', '天']))).toBe('今天');
});

test('words of a language with spaces are separated within a sentence', async () => {
  const pcm = renderTones([0.3, '▁HELLO', 0.9, '▁WORLD', 1.5]);
  expect(await transcribe(engine, pcm, { silenceMs: 2_000 })).toBe('HELLO WORLD');
});

test('a stream of the service is recognised by the model', async () => {
  const server = await startTestServer({ engine: { model: join(folder, 'good') } });
  try {
    expect(server.engineName).toBe('sherpa-onnx（zipformer2-ctc）');
    const client = await AsrClient.open(server.url, { word_info: 1 });
    await vi.waitFor(() => expect(client.lastCode).toBe(0));
    await client.stream(speech.subarray(0, 16_000 * 5), 2.5);
    expect(client.sentences).toEqual(['你好好', '今天']);
    const words = client.messages.findLast(({ result }) => result)?.result?.word_list;
    expect(words?.map(({ word }) => word)).toEqual(['今', '天']);
  } finally {
    await server.close();
  }
});

describe('when the engine’s process ends', () => {
  test('running streams fail, and new ones are accepted after a restart', async () => {
    const own = await SherpaEngine.load(join(folder, 'good'));
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    try {
      const failed = new Promise<Error>((resolve) => {
        own.open({ onUpdate: () => {}, onFailure: resolve });
      });
      process.kill(own.pid as number, 'SIGABRT');
      expect((await failed).message).toContain('SIGABRT');
      expect(() => own.open({ onUpdate: () => {}, onFailure: () => {} })).toThrow(EngineBusy);
      await vi.waitFor(() => expect(own.pid).toBeDefined(), { timeout: 20_000 });
      expect(await transcribe(own, renderTones([0.3, '你', '好', 0.5]))).toBe('你好');
      expect(log).toHaveBeenCalledOnce();
    } finally {
      log.mockRestore();
      await own.close();
    }
  });
});

describe('a model that cannot keep up', () => {
  test('refuses further streams: 5001', async () => {
    const model = join(folder, 'behind');
    writeToyModel(model, { matrixProducts: 40 });
    const server = await startTestServer({ engine: { model }, limits: { maxLagMs: 500 } });
    try {
      const first = await AsrClient.open(server.url);
      await vi.waitFor(() => expect(first.lastCode).toBe(0));
      first.send(renderTones([2.9]));
      await vi.waitFor(() => expect(server.stats.audioMs).toBe(2_900), { interval: 1 });
      const second = await AsrClient.open(server.url);
      await second.closed;
      expect(second.lastCode).toBe(5001);
      first.socket.terminate();
    } finally {
      await server.close();
    }
  });

  test('fails a stream whose text would come too late: 5000', async () => {
    const server = await startTestServer({
      engine: { model: join(folder, 'good') },
      limits: { windowAudioMs: Number.POSITIVE_INFINITY },
    });
    try {
      const client = await AsrClient.open(server.url);
      await vi.waitFor(() => expect(client.lastCode).toBe(0));
      client.send(renderTones([31]));
      await client.closed;
      expect(client.lastCode).toBe(5000);
    } finally {
      await server.close();
    }
  });
});

test('audio that a slow model has not processed yet is its lag', async () => {
  const slowFolder = join(folder, 'slow');
  writeToyModel(slowFolder, { matrixProducts: 12 });
  const slow = await SherpaEngine.load(slowFolder);
  try {
    const updates: RecognitionUpdate[] = [];
    const recogniser = slow.open({ onUpdate: (update) => updates.push(update), onFailure: () => {} });
    recogniser.push(renderTones(['你', 6]));
    expect(slow.lagMs()).toBe(6_360);
    recogniser.flush();
    await vi.waitFor(() => expect(updates.at(-1)?.last).toBe(true), { timeout: 20_000 });
    // it caught up step by step, not at once
    expect(new Set(updates.map(({ processedMs }) => processedMs)).size).toBeGreaterThan(5);
    expect(slow.lagMs()).toBe(0);
  } finally {
    await slow.close();
  }
});
