import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { buildDefine, buildId, projectVersion } from './build-id.ts';
import { functionFiles } from './testing/function-files.ts';

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'build-id-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

describe('the id of a build', () => {
  /** A repository of one commit, with what is built and what is not. */
  async function aRepository() {
    const root = await newFolder();
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const write = async (name: string, text: string): Promise<void> => {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    };
    await write('package.json', '{}');
    await write('container/src/main.ts', '1');
    await write('container/src/main.test.ts', '1');
    await write('docs/a.md', '1');
    git('init', '-q');
    git('add', '-A');
    git('-c', 'user.name=t', '-c', 'user.email=t@localhost', 'commit', '-q', '-m', 'one');
    return { root, write, commit: git('rev-parse', 'HEAD').slice(0, 7), git };
  }

  test('is the commit; what is no part of a build does not change it, what is does', async () => {
    const { root, write, commit, git } = await aRepository();
    expect(commit).toMatch(/^[0-9a-f]{7}$/);
    expect(buildId(root, {})).toBe(commit);
    for (const name of [
      'docs/a.md',
      'docs/b.md',
      'container/src/main.test.ts',
      'lib/testing/x.ts',
      'tools/y.ts',
    ])
      await write(name, '2');
    expect(buildId(root, {})).toBe(commit);
    await write('container/src/new.ts', '1');
    expect(buildId(root, {})).toBe(`${commit}-dirty`);
    await rm(join(root, 'container/src/new.ts'));
    expect(buildId(root, {})).toBe(commit);
    await write('container/src/main.ts', '2');
    expect(buildId(root, {})).toBe(`${commit}-dirty`);
    git('add', '-A');
    expect(buildId(root, {})).toBe(`${commit}-dirty`);
  });

  test('is unknown outside of git, and in a copy within a repository that does not hold it', async () => {
    expect(buildId(await newFolder(), {})).toBe('unknown');
    const { root, write } = await aRepository();
    await write('copy/package.json', '{}');
    expect(buildId(join(root, 'copy'), {})).toBe('unknown');
  });

  test('is what the environment says, if it can be an id; its value is not repeated in the complaint', async () => {
    const { root, commit } = await aRepository();
    expect(buildId(root, { BUILD_ID: 'v1.2.3_rc-4' })).toBe('v1.2.3_rc-4');
    expect(buildId(root, { BUILD_ID: ' ' })).toBe(commit);
    const complaint = new Error('BUILD_ID：应为 1–40 个字母、数字、点、连字符或下划线');
    for (const given of ['a b', '"', 'x'.repeat(41), '构建'])
      expect(() => buildId(root, { BUILD_ID: given })).toThrow(complaint);
  });

  test('and the version of the project stand in the code as they are', () => {
    expect(projectVersion()).toMatch(/^\d+\.\d+\.\d+/);
    expect(buildDefine('abc1234')).toEqual({
      __BUILD_ID__: '"abc1234"',
      __VERSION__: JSON.stringify(projectVersion()),
    });
  });
});

describe('two builds of the same sources', () => {
  let outDir: string;
  /** Builds container and function in a process of its own, started in the folder `cwd`. */
  function buildFrom(cwd: string, name: string, build: string): void {
    const code = `
      import { buildContainer } from ${JSON.stringify(new URL('./container.ts', import.meta.url).href)};
      import { bundleFunction } from ${JSON.stringify(new URL('./functions.ts', import.meta.url).href)};
      const [outDir, build] = process.argv.slice(1);
      await buildContainer({ outDir: outDir + '/container', build });
      await bundleFunction('history', outDir + '/history', { build });`;
    const tsx = import.meta.resolve('tsx');
    const args = ['--import', tsx, '--input-type=module', '-e', code, join(outDir, name), build];
    execFileSync(process.execPath, args, { cwd });
  }
  beforeAll(async () => {
    outDir = await mkdtemp(join(tmpdir(), 'builds-'));
    buildFrom(process.cwd(), 'one', 'abc1234');
    buildFrom(tmpdir(), 'again', 'abc1234');
    buildFrom(process.cwd(), 'other', 'def5678');
  });
  afterAll(() => rm(outDir, { recursive: true, force: true }));

  async function bytesOf(name: string): Promise<Record<string, string>> {
    const entries = await readdir(join(outDir, name), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const read = files
      .sort()
      .map(
        async (file): Promise<[string, string]> => [
          file.slice(join(outDir, name).length),
          await readFile(file, 'latin1'),
        ],
      );
    return Object.fromEntries(await Promise.all(read));
  }

  test('are the same, byte for byte, from whichever folder they are started', async () => {
    const [one, again] = [await bytesOf('one'), await bytesOf('again')];
    expect(Object.keys(one)).toEqual([
      '/container/Dockerfile',
      '/container/index.js',
      '/container/package.json',
      ...functionFiles('history').map((file) => `/history/${file}`),
    ]);
    for (const [name, bytes] of Object.entries(one)) expect(bytes === again[name], name).toBe(true);
  });

  test('under another id differ in the id only', async () => {
    const [one, other] = [await bytesOf('one'), await bytesOf('other')];
    for (const name of ['/container/index.js', '/history/index.js']) {
      expect(one[name]?.split('"abc1234"')).toHaveLength(2);
      expect(one[name]?.replace('"abc1234"', '"def5678"') === other[name], name).toBe(true);
    }
  });
});
