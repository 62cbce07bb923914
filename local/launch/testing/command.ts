import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import { isAlive } from '../../cloudbase/storage/lock-file.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What `npm start -- --no-page` reads. */
const SOURCES = [
  ...['compile', 'container', 'contract', 'functions', 'lib', 'local', 'records', 'samples'],
  ...['Dockerfile', 'cloudbaserc.json', 'package.json', 'tsconfig.json'],
];
const READY = /^ready (http:\/\/127\.0\.0\.1:\d+)$/;
/** A loaded machine takes its time. */
const READY_WITHIN_MS = 60_000;

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'local-cloud-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of the project whose sources a test may break. */
export async function copyOfProject(): Promise<string> {
  const root = await temporaryFolder();
  await Promise.all(SOURCES.map((name) => cp(join(ROOT, name), join(root, name), { recursive: true })));
  await symlink(await realpath(join(ROOT, 'node_modules')), join(root, 'node_modules'));
  return root;
}

/** `npm start` as a process. */
export interface StartCommand {
  process: ChildProcess;
  lines: string[];
  /** The address of its ready line. Rejects if it ends before. */
  ready: Promise<string>;
  /** Resolves with its exit code. */
  exited: Promise<number | null>;
}

/**
 * Runs the command; what is still there at the end of the test is killed.
 * @param root the project, or a copy of it
 */
export function runStart(args: string[], env: Record<string, string> = {}, root = ROOT): StartCommand {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'local/start.ts', ...args], {
    cwd: root,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  const lines: string[] = [];
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const ready = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready: ${lines.join('\n')}`)), READY_WITHIN_MS);
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const url = READY.exec(line)?.[1];
        if (url) resolve(url);
      });
    void exited.then((code) => reject(new Error(`ended with ${code}: ${lines.join('\n')}`)));
    void exited.finally(() => clearTimeout(timer));
  });
  // a test that expects a failure waits for `exited` only
  ready.catch(() => {});
  return { process: child, lines, ready, exited };
}

/** Below what systems give to outgoing connections (Linux 32768, macOS and Windows 49152), which might take them before the test does. */
const PORT_RANGE = [10_000, 30_000] as const;
const PORT_ATTEMPTS = 50;

/** The first of `count` free ports that follow each other, for what must be told a port. */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    const first = randomInt(...PORT_RANGE);
    const servers = Array.from({ length: count }, (_, i) => createServer().listen(first + i, '127.0.0.1'));
    const outcomes = await Promise.allSettled(servers.map((server) => once(server, 'listening')));
    await Promise.all(
      servers
        .filter((server) => server.listening)
        .map((server) => {
          server.close();
          return once(server, 'close');
        }),
    );
    if (outcomes.every(({ status }) => status === 'fulfilled')) return first;
  }
  throw new Error(`no ${count} free ports found`);
}

/** Resolves when none of the processes is there any more. */
export const allGone = (pids: readonly number[]): Promise<void> =>
  vi.waitFor(
    () => {
      const left = pids.filter(isAlive);
      if (left.length > 0) throw new Error(`still alive: ${left}`);
    },
    { timeout: 20_000, interval: 50 },
  );
