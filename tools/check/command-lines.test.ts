import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ToolRun } from '../../local/launch/testing/run-tool.ts';
import { ROOT } from '../root.ts';

// each starts a process and loads what the tool loads
vi.setConfig({ testTimeout: 60_000 });

const RUNS_TYPESCRIPT = /^node --import tsx (\S+)$/;
const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
/** Every command of the project: npm script and file. */
const COMMANDS: [name: string, file: string][] = [
  ...Object.entries(scripts).flatMap(([name, script]): [string, string][] => {
    const file = RUNS_TYPESCRIPT.exec(script)?.[1];
    return file === undefined ? [] : [[name, file]];
  }),
  ['tab-icons', 'tools/tab-icons.ts'],
  ['asr', 'local/asr/main.ts'],
];
const TSX = import.meta.resolve('tsx');

/** Runs a command in an empty folder. */
async function run(file: string, args: string[]): Promise<ToolRun & { files: string[] }> {
  const cwd = await mkdtemp(join(tmpdir(), 'command-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const { PATH = '', HOME = '' } = process.env;
  // as npm runs it, in the project's folder
  const TSX_TSCONFIG_PATH = join(ROOT, 'tsconfig.json');
  const done = await new Promise<ToolRun>((resolve) => {
    const command = ['--import', TSX, join(ROOT, file), ...args];
    execFile(
      process.execPath,
      command,
      { cwd, env: { PATH, HOME, TSX_TSCONFIG_PATH }, timeout: 50_000 },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    );
  });
  return { ...done, files: await readdir(cwd) };
}

describe.each(COMMANDS)('%s', (_, file) => {
  test('--help says in Chinese what it does and what each option means, and does nothing', async () => {
    const { code, stdout, stderr, files } = await run(file, ['--help']);
    expect({ code, stderr, files }).toEqual({ code: 0, stderr: '', files: [] });
    expect(stdout).toMatch(/^用法：/);
    const [, summary = '', ...options] = stdout.trimEnd().split('\n');
    expect(summary).toMatch(/\p{Script=Han}/u);
    expect(options.find((line) => line.includes('--help'))).toBeDefined();
    for (const line of options.filter((one) => one.trimStart().startsWith('--')))
      expect(line).toMatch(/--[a-z-]+.* {2,}.*\p{Script=Han}/u);
  });

  test('an option that it does not know is refused with the usage, and nothing is done', async () => {
    const { code, stdout, stderr, files } = await run(file, ['--no-such-option']);
    expect({ code, stdout, files }).toEqual({ code: 2, stdout: '', files: [] });
    expect(stderr).toMatch(/^没有选项 --no-such-option\n用法：/);
  });
});
