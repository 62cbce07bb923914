import { createHash } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { writeWav } from '../../lib/wav.ts';
import { renderTones } from '../../local/asr/sherpa/testing/toy-model.ts';
import { runStart, temporaryFolder } from '../../local/launch/testing/command.ts';
import { lastLine, runTool } from '../../local/launch/testing/run-tool.ts';
import { archiveOf, toyModelEntries } from './testing/archive.ts';
import { startFileServer } from './testing/file-server.ts';

// several processes, on a machine that may be busy
vi.setConfig({ testTimeout: 180_000 });

/** Installs the toy model with the command. @returns the data folder, and what the command printed */
async function installToyModel() {
  const data = await temporaryFolder();
  const archive = await archiveOf(toyModelEntries());
  const server = await startFileServer(archive);
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const run = await runTool('asr-model', ['--url', server.url, '--sha256', sha256, '--data', data]);
  return { data, run };
}

const noPage = (data: string): string[] => ['--no-page', '--no-watch', '--port', '0', '--data', data];

test('a model is downloaded by the command, npm start uses it by itself, and it recognises a recording', async () => {
  const { data, run } = await installToyModel();
  expect(run).toMatchObject({ code: 0 });
  expect(run.stdout).toContain(`装好了：${join(data, 'models/toy-model')}（zipformer2-ctc）`);
  expect(run.stdout).toContain('npm start');
  expect(run.stderr).toMatch(/下载 .*100%/);

  const start = runStart(noPage(data));
  await start.ready;
  expect(start.lines).toContain('  识别：模型 toy-model');
  const wav = join(data, 'tones.wav');
  writeFileSync(wav, writeWav(renderTones([0.5, '今', '天', '你', '好', 1.5]), 16_000));
  const told = await runTool('transcribe', [wav, '--data', data, '--json']);
  expect(JSON.parse(lastLine(told))).toMatchObject({ text: '今天你好' });
});

test('an account has precedence over a downloaded model, and --phrase-bank sets it aside', async () => {
  const { data } = await installToyModel();
  const account = {
    TENCENT_APPID: '1250000000',
    TENCENT_SECRET_ID: `AKID${'a'.repeat(32)}`,
    TENCENT_SECRET_KEY: 'b'.repeat(32),
  };
  const real = runStart(noPage(data), account);
  await real.ready;
  expect(real.lines).toContain('  识别：腾讯云（设置了 TENCENT_*）');
  real.process.kill('SIGTERM');
  await real.exited;
  const phrases = runStart([...noPage(data), '--phrase-bank']);
  await phrases.ready;
  expect(phrases.lines.join('\n')).toContain('识别：短语库');
});

test('a model that became unusable is named, and the phrase bank listens; an unfinished one is not looked at', async () => {
  const { data } = await installToyModel();
  const folder = join(data, 'models/toy-model');
  rmSync(join(folder, 'tokens.txt'));
  const start = runStart(noPage(data));
  await start.ready;
  expect(start.lines.join('\n')).toMatch(/不用下载过的模型 .*toy-model：缺少 tokens\.txt[\s\S]*识别：短语库/);
  start.process.kill('SIGTERM');
  await start.exited;
  renameSync(folder, join(data, 'models/.unpacking-1'));
  const again = runStart(noPage(data));
  await again.ready;
  expect(again.lines.join('\n')).not.toContain('不用下载过的模型');
});

test('a mirror without the published file is refused by its length', async () => {
  const server = await startFileServer(new Uint8Array(100));
  const mirror = server.url.replace(/\/[^/]*$/, '/');
  const run = await runTool('asr-model', ['--mirror', mirror, '--data', await temporaryFolder()]);
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/长度是 100 字节，应为 133895136/);
});

test.each([
  [['--model', 'huge'], /没有模型 huge，可以是 x-asr、small/],
  [['--mirror', 'ftp://a.example'], /--mirror 应为 http/],
  [['--url', 'http://a.example/model.zip'], /--url 应以 \.tar\.bz2 结尾/],
  [['--url', 'http://a.example/m.tar.bz2', '--file', 'm.tar.bz2'], /只能给一个/],
  [['--sha256', 'abc'], /--sha256 应为/],
])('%j is called wrongly', async (args, message) => {
  const run = await runTool('asr-model', args);
  expect(run.code).toBe(2);
  expect(run.stderr).toMatch(message);
});
