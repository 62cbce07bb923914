/**
 * `npm run keep-release -- COMMIT`: keeps the builds of a release as a fixture, so that tests can run them against the present code:
 * the recording session with the client inside, as it runs on phones, the container and the cloud functions (their packages are this
 * repository's), and which version its records have.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { buildDefine } from '../compile/build-id.ts';
import { bundleForMiniprogram, KEPT_SESSION } from '../compile/client.ts';
import { runTool } from './cli.ts';
import { ROOT } from './root.ts';

const RELEASES = join(ROOT, 'miniprogram/client/testing/releases');

/** The functions that read what containers write. */
const FUNCTIONS = ['history', 'stats'];

const git = promisify(execFile);

/** Bundles one entry of the release, without its packages. */
async function bundled(entry: string, format: BuildOptions['format'], commit: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    platform: 'node',
    format,
    target: 'node20',
    packages: 'external',
    define: buildDefine(commit),
  });
  return outputFiles[0]?.text ?? '';
}

/** Releases before records had versions wrote the first. */
async function schemaVersionOf(tree: string): Promise<number> {
  const records = (await import(join(tree, 'contract/records.ts'))) as { SCHEMA_VERSION?: number };
  return records.SCHEMA_VERSION ?? 1;
}

async function keep(commit: string): Promise<void> {
  const tree = await mkdtemp(join(tmpdir(), 'release-'));
  try {
    await git('git', ['worktree', 'add', '--detach', '--force', tree, commit], { cwd: ROOT });
    await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    const session = await bundleForMiniprogram(KEPT_SESSION, join(tree, 'miniprogram/voice'), {}, commit);
    const files: Record<string, string> = {
      'voice-session.js': session,
      'container.mjs': await bundled(join(tree, 'container/src/main.ts'), 'esm', commit),
      'release.json': `${JSON.stringify({ schemaVersion: await schemaVersionOf(tree) })}\n`,
    };
    for (const name of FUNCTIONS)
      files[`functions/${name}/index.js`] = await bundled(
        join(tree, 'functions', name, 'index.ts'),
        'cjs',
        commit,
      );
    const folder = join(RELEASES, commit);
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    console.log(`已保存到 ${relative(ROOT, folder)}`);
  } finally {
    await rm(tree, { recursive: true, force: true });
    await git('git', ['worktree', 'prune'], { cwd: ROOT });
  }
}

await runTool(
  {
    command: 'npm run keep-release --',
    summary: '把一个提交的客户端、容器与云函数构建保存下来，供测试与现在的代码互相连接',
    args: [{ name: '提交', help: '提交号' }],
    options: {},
  },
  '正在构建',
  ({ args: [commit = ''] }) => keep(commit),
);
