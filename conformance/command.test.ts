import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ticketFor } from '../container/testing/local-service.ts';
import { type LocalServer, startLocalServer } from './testing/local-server.ts';

const run = promisify(execFile);
// each starts a process or many, on a machine that may have other things to do
vi.setConfig({ testTimeout: 120_000 });

/** The documented commands of a page that are run here. */
const commandsOf = (page: string): string[] => {
  const marked = /<!-- run by: conformance\/command\.test\.ts -->\n```bash\n(.*?)```/gs;
  return [...readFileSync(page, 'utf8').matchAll(marked)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
};

interface Ran {
  code: number;
  out: string;
  error: string;
}

async function ran(file: string, args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const { TICKET_SECRET: _none, ...rest } = process.env;
  try {
    const { stdout, stderr } = await run(file, args, { env: { ...rest, ...env } });
    return { code: 0, out: stdout, error: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, error: stderr };
  }
}

const main = (...args: string[]): Promise<Ran> =>
  ran(process.execPath, ['--import', 'tsx', 'conformance/main.ts', ...args]);

describe('the documented commands', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startLocalServer();
  });
  afterAll(() => server?.stop());

  it.each(['docs/protocol.md', 'conformance/README.md'])('of %s do what it says', async (page) => {
    const commands = commandsOf(page);
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      // the local cloud of this test has a key of its own, and another address
      const ticket = await ticketFor('oTester');
      const line = command
        .replace('http://127.0.0.1:3000', server.underTest('native').url)
        .replace('$(npm run -s ticket)', ticket);
      const { code, out, error } = await ran('bash', ['-c', line]);
      expect([code, error], `${line}\n${out}`).toEqual([0, '']);
      expect(out).toMatch(/\n\d+ passed, 0 failed \(0 required\), \d+ not applicable\n$/);
    }
  });

  it('tells what was expected and what was seen, and fails', async () => {
    const { url } = server.underTest('native');
    // the container has no such path
    const args = [
      '--url',
      url,
      '--transport',
      'native',
      '--path',
      '/nowhere',
      '--ticket',
      'x',
      '--only',
      'R-WS-2',
      '--json',
    ];
    const { code, out } = await main(...args);
    expect(code).toBe(1);
    expect(out).toContain('✗ R-WS-1 R-WS-2');
    const { summary, results } = JSON.parse(out.trim().split('\n').at(-1) ?? '');
    expect(summary).toMatchObject({ pass: 0, fail: results.length });
  });
});

describe('the command line', () => {
  it('lists the cases', async () => {
    const { code, out } = await main('--list', '--only', 'R-STOP-6,R-END', '--required');
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) expect(line).toMatch(/R-STOP-6|R-END-\d/);
  });

  it.each([
    [[], '--url'],
    [['--url', 'http://127.0.0.1:1'], 'TICKET_SECRET'],
    [['--url', 'http://127.0.0.1:1', '--transport', 'polling', '--ticket', 'x'], '--transport'],
    [['--nothing'], '--nothing'],
    [['--client', 'conformance/check.ts'], 'ClientAdapter'],
  ])('%s is wrong', async (args, named) => {
    const { code, error } = await main(...args);
    expect(code).toBe(2);
    expect(error).toContain(named);
    expect(error).toContain('用法');
  });
});

describe('the package', () => {
  it('is one file, which needs nothing of this repository', async () => {
    const { scripts, dependencies } = JSON.parse(await readFile('conformance/package.json', 'utf8'));
    const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
    try {
      const outfile = join(folder, 'main.mjs');
      const bundled = await build({
        entryPoints: ['conformance/main.ts'],
        outfile,
        bundle: true,
        platform: 'node',
        target: 'node20',
        format: 'esm',
        packages: 'external',
        metafile: true,
        logLevel: 'silent',
      });
      for (const option of [
        '--bundle',
        '--platform=node',
        '--target=node20',
        '--format=esm',
        '--packages=external',
      ])
        expect(scripts.build).toContain(option);
      const [output] = Object.values(bundled.metafile.outputs);
      const packages = new Set(
        output?.imports.map(({ path }) => path).filter((path) => !path.startsWith('node:')),
      );
      expect([...packages].sort()).toEqual(Object.keys(dependencies).sort());
      const inputs = Object.keys(bundled.metafile.inputs);
      for (const input of inputs) expect(input).toMatch(/^(conformance|contract|lib)\//);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
