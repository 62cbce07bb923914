import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startLocalCloud } from '../start.ts';
import { readRunning } from './running-file.ts';
import { allGone, freePorts, runStart, temporaryFolder } from './testing/command.ts';

// several processes each, on a machine that may be busy
vi.setConfig({ testTimeout: 120_000 });

const quick = ['--no-page', '--port', '0'];

/** Children of a process, those that its threads have started included. */
const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
const commandOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8');
/** The size of esbuild's question whether we are still there, bytes. */
const ESBUILD_PING_BYTES = 33;
/** How much a process has written so far, bytes. */
const bytesWritten = (pid: number): number =>
  Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);

test('one ready line with the address, a file for tools, secrets for their owner only; Ctrl-C ends all of it', async () => {
  const data = await temporaryFolder();
  const start = runStart([...quick, '--data', data]);
  const url = await start.ready;
  expect(start.lines.filter((line) => line.startsWith('ready '))).toEqual([`ready ${url}`]);
  expect((await fetch(`${url}/ready`)).status).toBe(200);
  expect(readRunning(data)).toMatchObject({ pid: start.process.pid, url, container: url });
  expect(statSync(join(data, 'secrets.json')).mode & 0o777).toBe(0o600);
  const children = childrenOf(start.process.pid as number);
  expect(children.length).toBeGreaterThanOrEqual(2);

  start.process.kill('SIGINT');
  expect(await start.exited).toBe(0);
  await allGone(children);
  expect(existsSync(join(data, 'running.json'))).toBe(false);
});

test('a taken port is said in words, exit code 1', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const start = runStart(['--no-page', '--data', await temporaryFolder()], { PORT: String(port) });
  expect(await start.exited).toBe(1);
  expect(start.lines.join('\n')).toContain(`端口 ${port} 已被其他程序占用`);
});

test('settings in a wrong form are refused before anything starts, and named', async () => {
  const start = runStart([...quick, '--data', await temporaryFolder()], {
    TENCENT_APPID: 'my-app',
    TENCENT_SECRET_ID: 'x',
    TENCENT_SECRET_KEY: 'y',
    TICKET_SECRET: 'short',
  });
  expect(await start.exited).toBe(1);
  const printed = start.lines.join('\n');
  expect(printed).toContain('什么也没有启动');
  for (const name of ['TENCENT_APPID', 'TENCENT_SECRET_ID', 'TENCENT_SECRET_KEY', 'TICKET_SECRET'])
    expect(printed).toContain(`- ${name}`);
  expect(printed).not.toMatch(/正在构建| {4}at /);
});

test('with LOG_LEVEL=warn it is known when the container listens, though the container logs nothing else', async () => {
  const data = await temporaryFolder();
  const start = runStart([...quick, '--data', data], { LOG_LEVEL: 'warn' });
  const url = await start.ready;
  expect((await fetch(`${url}/ready`)).status).toBe(200);
  start.process.kill('SIGTERM');
  expect(await start.exited).toBe(0);
  // a newer Node.js also warns there of what packages use
  const log = readFileSync(join(data, 'logs/container-1.log'), 'utf8').split('\n');
  const entries = log.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  expect(entries.map(({ msg }) => msg)).toEqual(['listening']);
});

test('with --metrics-port each container serves its metrics there, and the address is printed', async () => {
  const port = await freePorts(1);
  const start = runStart([...quick, '--metrics-port', String(port), '--data', await temporaryFolder()]);
  await start.ready;
  const address = `http://127.0.0.1:${port}/metrics`;
  expect(start.lines.join('\n')).toContain(address);
  expect(await (await fetch(address)).text()).toContain('voice_sessions 0');
});

test('part of a real account is refused before anything starts, and names what is missing', async () => {
  const start = runStart([...quick, '--data', await temporaryFolder()], { TENCENT_APPID: '125' });
  expect(await start.exited).toBe(1);
  expect(start.lines.join('\n')).toContain('还缺少 TENCENT_SECRET_ID、TENCENT_SECRET_KEY');
});

test('wrong arguments: usage and exit code 2', async () => {
  const start = runStart(['--port', 'http']);
  expect(await start.exited).toBe(2);
  expect(start.lines.join('\n')).toContain('用法');
});

test('a second one on the same data folder is refused, and does not touch the first', async () => {
  const data = await temporaryFolder();
  const first = runStart([...quick, '--data', data]);
  await first.ready;
  const second = runStart([...quick, '--data', data]);
  expect(await second.exited).toBe(1);
  expect(second.lines.join('\n')).toContain(`正被进程 ${first.process.pid} 使用`);
  expect(readRunning(data)?.pid).toBe(first.process.pid);
  first.process.kill('SIGTERM');
  expect(await first.exited).toBe(0);
});

test('killed, it leaves no process behind, and what it wrote down is known to be stale', async () => {
  const data = await temporaryFolder();
  const start = runStart([...quick, '--data', data]);
  await start.ready;
  const children = childrenOf(start.process.pid as number);
  start.process.kill('SIGKILL');
  await start.exited;
  await allGone(children);
  expect(existsSync(join(data, 'running.json'))).toBe(true);
  expect(readRunning(data)).toBeUndefined();
});

test('killed while it owes the compiler an answer, it leaves no process behind', async () => {
  const start = runStart([...quick, '--data', await temporaryFolder()]);
  await start.ready;
  const children = childrenOf(start.process.pid as number);
  // esbuild's processes ask each second whether the launcher is there; a stopped one cannot answer
  const compilers = children.filter((pid) => commandOf(pid).includes('esbuild'));
  expect(compilers).not.toEqual([]);
  start.process.kill('SIGSTOP');
  const before = compilers.map(bytesWritten);
  await vi.waitFor(
    () => {
      for (const [i, pid] of compilers.entries())
        expect(bytesWritten(pid) - (before[i] as number)).toBeGreaterThanOrEqual(ESBUILD_PING_BYTES);
    },
    { timeout: 20_000, interval: 50 },
  );
  start.process.kill('SIGKILL');
  await start.exited;
  await allGone(children);
});

test('a container that dies comes back on its port; a recogniser that dies ends everything with exit code 1', async () => {
  const data = await temporaryFolder();
  const start = runStart([...quick, '--data', data]);
  const url = await start.ready;
  const pids = childrenOf(start.process.pid as number);
  const pidOf = (script: string): number => pids.find((pid) => commandOf(pid).includes(script)) as number;

  process.kill(pidOf('build/container/index.js'), 'SIGKILL');
  await vi.waitFor(() => expect(start.lines.join('\n')).toContain('已恢复'), { timeout: 30_000 });
  expect((await fetch(`${url}/ready`)).status).toBe(200);

  process.kill(pidOf('local/asr/main.ts'), 'SIGKILL');
  expect(await start.exited).toBe(1);
  expect(start.lines.join('\n')).toContain('本地语音识别服务意外退出（被信号 SIGKILL 终止）');
});

test('each of several containers has its own address, and keeps it over a restart', async () => {
  const cloud = await startLocalCloud({
    dataDir: await temporaryFolder(),
    page: false,
    containers: 2,
    env: {},
  });
  onTestFinished(() => cloud.stop());
  expect(cloud.urls.containers).toHaveLength(2);
  expect(cloud.urls.container).toBe(cloud.urls.containers[0]);
  await cloud.process('container-1').kill('SIGKILL');
  expect((await fetch(`${cloud.urls.containers[1]}/health`)).status).toBe(200);
  await cloud.process('container-1').start();
  expect(cloud.process('container-1').url).toBe(cloud.urls.containers[0]);
  expect((await fetch(`${cloud.url}/health`)).status).toBe(200);
});

test('given up during the start, nothing is left', async () => {
  const data = await temporaryFolder();
  const asked = new AbortController();
  const starting = startLocalCloud({
    dataDir: data,
    page: false,
    env: {},
    signal: asked.signal,
    onProgress: (line) => {
      if (line.includes('本地语音识别服务')) asked.abort();
    },
  });
  await expect(starting).rejects.toThrow();
  // the folder is free again
  const again = await startLocalCloud({ dataDir: data, page: false, env: {} });
  await again.stop();
  expect(await again.ended).toBeUndefined();
});
