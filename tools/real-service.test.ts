import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readWav } from '../lib/wav.ts';
import { startAsrServer } from '../local/asr/server.ts';
import { lastLine, runTool } from '../local/launch/testing/run-tool.ts';
import { startLocalCloud } from '../local/start.ts';

vi.setConfig({ testTimeout: 120_000 });

const SAMPLES = fileURLToPath(new URL('../samples', import.meta.url));

test('with an account of one’s own no local recogniser runs: container and functions use that account’s service', async () => {
  const account = {
    TENCENT_APPID: '1259999999',
    TENCENT_SECRET_ID: `AKID${'a'.repeat(32)}`,
    TENCENT_SECRET_KEY: 'b'.repeat(32),
  };
  const service = await startAsrServer({
    appId: account.TENCENT_APPID,
    secrets: { [account.TENCENT_SECRET_ID]: account.TENCENT_SECRET_KEY },
    engine: 'phrases',
    samplesDir: SAMPLES,
  });
  onTestFinished(() => service.close());
  const dataDir = await mkdtemp(join(tmpdir(), 'real-service-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const endpoints = { ASR_ENDPOINT: service.url.replace('http', 'ws'), ASR_ONESHOT_ENDPOINT: service.url };
  const cloud = await startLocalCloud({ dataDir, page: false, env: { ...account, ...endpoints } });
  onTestFinished(() => cloud.stop());
  expect(cloud.urls.asr).toBeNull();
  expect([...cloud.processes.keys()]).toEqual(['container-1']);

  const file = join(SAMPLES, 'phrases/weather.wav');
  const text = (await readFile(join(SAMPLES, 'phrases/weather.txt'), 'utf8')).trim();
  const streamed = await runTool('transcribe', [file, '--json', '--data', dataDir]);
  expect(JSON.parse(lastLine(streamed)).text).toBe(text);

  const { samples } = readWav(await readFile(file));
  const audio = Buffer.from(samples.buffer).toString('base64');
  const request = JSON.stringify({ audio, format: 'pcm' });
  const called = await runTool('call', ['recognize', request, '--data', dataDir]);
  expect(JSON.parse(called.stdout)).toMatchObject({ text });
});
