/**
 * `npm run keep-release -- COMMIT`: keeps the builds of a release as a fixture, so that tests can run them against the present code:
 * the recording session with the client inside, as it runs on phones, and the container (its packages are this repository's).
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { bundleForMiniprogram } from '../compile/client.ts';
import { runTool } from './cli.ts';
import { ROOT } from './root.ts';

const RELEASES = join(ROOT, 'miniprogram/client/testing/releases');
const SESSION = `import { createVoiceSession } from './voice-session.ts';
module.exports = { createVoiceSession };`;

const git = promisify(execFile);

async function keep(commit: string): Promise<void> {
  const tree = await mkdtemp(join(tmpdir(), 'release-'));
  try {
    await git('git', ['worktree', 'add', '--detach', '--force', tree, commit], { cwd: ROOT });
    await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    const session = await bundleForMiniprogram(SESSION, join(tree, 'miniprogram/services'), {}, commit);
    const { outputFiles } = await build({
      entryPoints: [join(tree, 'container/src/main.ts')],
      bundle: true,
      write: false,
      minify: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
    });
    const folder = join(RELEASES, commit);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'voice-session.js'), session);
    await writeFile(join(folder, 'container.mjs'), outputFiles[0]?.text ?? '');
    console.log(`已保存到 ${relative(ROOT, folder)}`);
  } finally {
    await rm(tree, { recursive: true, force: true });
    await git('git', ['worktree', 'prune'], { cwd: ROOT });
  }
}

await runTool(
  {
    command: 'npm run keep-release --',
    summary: '把一个提交的客户端与容器构建保存下来，供测试与现在的代码互相连接',
    args: [{ name: '提交', help: '提交号' }],
    options: {},
  },
  '正在构建',
  ({ args: [commit = ''] }) => keep(commit),
);
