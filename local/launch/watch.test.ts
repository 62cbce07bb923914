import { readFileSync, statSync, utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { lastLine, runTool } from '../../tools/testing/run-tool.ts';
import { runStart, temporaryFolder } from './testing/command.ts';

// several processes, on a machine that may be busy
vi.setConfig({ testTimeout: 180_000 });

const SOURCE = fileURLToPath(new URL('../../container/src/main.ts', import.meta.url));
const sample = (name: string): string => fileURLToPath(new URL(`../../samples/${name}`, import.meta.url));

/** Makes the watcher see a change of a file whose content stays. */
function touch(file: string): void {
  const { atime, mtime } = statSync(file);
  onTestFinished(() => utimesSync(file, atime, mtime));
  utimesSync(file, atime, new Date(mtime.getTime() - 60_000));
}

test('a session goes on with its whole text while the container is built again and restarted', async () => {
  const data = await temporaryFolder();
  const start = runStart(['--no-page', '--port', '0', '--data', data]);
  const url = await start.ready;
  const speaking = runTool('transcribe', [sample('meeting.wav'), '--speed', '2', '--json', '--data', data]);
  let over = false;
  void speaking.finally(() => {
    over = true;
  });
  const sentences = async (): Promise<number> => {
    const listed = await runTool('call', ['history', '{"action":"list"}', '--data', data]);
    return JSON.parse(listed.stdout).items[0]?.sentenceCount ?? 0;
  };
  await vi.waitFor(async () => expect(await sentences()).toBeGreaterThan(0), { timeout: 60_000 });
  touch(SOURCE);
  await vi.waitFor(() => expect(start.lines.join('\n')).toContain('容器 container-1已恢复'), {
    timeout: 60_000,
  });
  expect(over).toBe(false);
  expect(start.lines.join('\n')).toMatch(/容器有改动，已重新构建（\d+ ms），正在重启/);
  const done = await speaking;
  expect(done.code).toBe(0);
  expect(JSON.parse(lastLine(done)).text).toBe(readFileSync(sample('meeting.txt'), 'utf8').trim());
  expect((await fetch(`${url}/ready`)).status).toBe(200);
  start.process.kill('SIGTERM');
  expect(await start.exited).toBe(0);
});
