import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { AsrClient } from './testing/asr-client.ts';
import { SAMPLES_DIR } from './testing/sample-files.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const run = (args: string[]) =>
  spawn(process.execPath, ['--import', TSX, MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TENCENT_APPID: '1250000000',
      TENCENT_SECRET_ID: 'AKIDEXAMPLE',
      TENCENT_SECRET_KEY: 'SKEXAMPLE',
    },
  });

test('the process prints when it is ready, accepts streams, and exits with 0 on SIGTERM', async () => {
  const child = run(['--samples', SAMPLES_DIR]);
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const ready = JSON.parse(line) as { ready: boolean; url: string };
    expect(ready).toMatchObject({ ready: true, url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
    const client = await AsrClient.open(ready.url);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(await client.closed).toBe(1006);
  } finally {
    child.kill('SIGKILL');
  }
});

test('an unusable model folder ends the process with the reason', async () => {
  const child = run(['--samples', SAMPLES_DIR, '--asr-model', '/nowhere/model']);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(1);
  expect(stderr).toContain('模型目录不存在：/nowhere/model');
});
