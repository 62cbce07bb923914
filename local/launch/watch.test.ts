import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { copyOfProject, runStart, type StartCommand, temporaryFolder } from './testing/command.ts';
import { lastLine, runTool } from './testing/run-tool.ts';

// several processes, on a machine that may be busy
vi.setConfig({ testTimeout: 180_000 });

const WAIT = { timeout: 60_000 };
const CONTAINER = 'container/src/main.ts';
const FUNCTION = 'functions/stats/index.ts';
const sample = (name: string): string => fileURLToPath(new URL(`../../samples/${name}`, import.meta.url));

/** `npm start` on a copy of the project. */
async function startOnCopy(...more: string[]) {
  const [root, data] = await Promise.all([copyOfProject(), temporaryFolder()]);
  const start = runStart(['--no-page', '--port', '0', '--data', data, ...more], {}, root);
  const url = await start.ready;
  return {
    start,
    url,
    data,
    /** Puts text before and after what the source was at the beginning. */
    edit: async (file: string, before: string, after = '') => {
      const original = await readFile(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
      await writeFile(join(root, file), before + original + after);
    },
    logOf: (name: string): string => readFileSync(join(data, `logs/${name}.log`), 'utf8'),
  };
}

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/ready`)).ok;
  } catch {
    return false;
  }
};
const printed = ({ lines }: StartCommand): string => lines.join('\n');
const waitForLine = (start: StartCommand, text: string): Promise<void> =>
  vi.waitFor(() => expect(printed(start)).toContain(text), WAIT);
const count = (start: StartCommand, text: string): number => printed(start).split(text).length - 1;
const today = (data: string) => runTool('call', ['stats', '{"action":"today"}', '--data', data]);

async function end(start: StartCommand): Promise<void> {
  start.process.kill('SIGTERM');
  expect(await start.exited).toBe(0);
}

test('after a build the containers restart one by one, and a session goes on with its whole text', async () => {
  const { start, url, data, edit } = await startOnCopy('--containers', '2');
  const second = /容器 container-2：(\S+)/.exec(printed(start))?.[1] as string;
  const speaking = runTool('transcribe', [sample('meeting.wav'), '--speed', '2', '--json', '--data', data]);
  let over = false;
  void speaking.finally(() => {
    over = true;
  });
  const sentences = async (): Promise<number> => {
    const listed = await runTool('call', ['history', '{"action":"list"}', '--data', data]);
    return JSON.parse(listed.stdout).items[0]?.sentenceCount ?? 0;
  };
  await vi.waitFor(async () => expect(await sentences()).toBeGreaterThan(0), WAIT);
  await edit(CONTAINER, '', '\n');
  let neither = 0;
  await vi.waitFor(
    async () => {
      if (!(await isReady(url)) && !(await isReady(second))) neither += 1;
      expect(printed(start)).toContain('容器 container-2已恢复');
    },
    { ...WAIT, interval: 20 },
  );
  expect([neither, over]).toEqual([0, false]);
  expect(printed(start)).toMatch(
    /容器有改动，已重新构建（\d+ ms），正在重启.*container-1已恢复.*container-2已恢复/s,
  );
  const done = await speaking;
  expect(done.code).toBe(0);
  expect(JSON.parse(lastLine(done)).text).toBe(readFileSync(sample('meeting.txt'), 'utf8').trim());
  await end(start);
});

test('a source that does not compile: the error is shown, the old version goes on; mended, the new one serves', async () => {
  const { start, url, data, edit, logOf } = await startOnCopy();
  await edit(CONTAINER, 'const = 1;\n');
  await waitForLine(start, '容器的改动有错误，继续运行原来的版本：');
  expect(printed(start)).toContain('container/src/main.ts:1:6');
  expect(await isReady(url)).toBe(true);
  await edit(FUNCTION, 'const = 1;\n');
  await waitForLine(start, '云函数 stats的改动有错误，继续运行原来的版本：');
  expect((await today(data)).code).toBe(0);

  await edit(CONTAINER, "console.log('second version');\n");
  await waitForLine(start, '容器 container-1已恢复');
  expect(logOf('container-1')).toContain('second version');
  expect(await isReady(url)).toBe(true);
  await edit(FUNCTION, "console.log('second version');\n");
  await waitForLine(start, '云函数 stats有改动，已重新构建');
  expect((await today(data)).code).toBe(0);
  await vi.waitFor(() => expect(logOf('gateway')).toContain('second version'), WAIT);
  await end(start);
});

test('a container that crashes at each start is given up with one message; the next build starts it', async () => {
  const { start, url, data, edit } = await startOnCopy();
  await edit(CONTAINER, 'process.exit(3);\n');
  await waitForLine(start, '等源码改动后再启动。');
  expect(count(start, '容器 container-1意外退出')).toBe(1);
  expect(count(start, '容器 container-1又意外退出')).toBe(4);
  expect(count(start, '容器 container-1反复退出')).toBe(1);
  expect((await today(data)).code).toBe(0);
  await edit(CONTAINER, '');
  await waitForLine(start, '容器 container-1已恢复');
  expect(await isReady(url)).toBe(true);
  await end(start);
});

test('a function whose timer throws ends its thread only: the cloud goes on, and the mended function works', async () => {
  const { start, url, data, edit } = await startOnCopy();
  await edit(FUNCTION, "setTimeout(() => {\n  throw new Error('thrown by a timer');\n});\n");
  await waitForLine(start, '云函数 stats有改动，已重新构建');
  await today(data);
  await edit(FUNCTION, '// mended\n');
  await vi.waitFor(() => expect(count(start, '云函数 stats有改动，已重新构建')).toBe(2), WAIT);
  expect((await today(data)).code).toBe(0);
  expect(await isReady(url)).toBe(true);
  await end(start);
});
