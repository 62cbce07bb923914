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
import { bundleForPhone } from '../compile/client.ts';
import { readArgs, runTool, UsageError } from './cli.ts';
import { ROOT } from './root.ts';

const RELEASES = join(ROOT, 'miniprogram/client/testing/releases');
const SESSION = `import { createVoiceSession } from './voice-session.ts';
module.exports = { createVoiceSession };`;

const git = promisify(execFile);

await runTool('用法：npm run keep-release -- 提交', async (args) => {
  const { positionals } = readArgs({ args, options: {}, allowPositionals: true });
  const [commit] = positionals;
  if (commit === undefined || positionals.length > 1) throw new UsageError('请给一个提交');
  const tree = await mkdtemp(join(tmpdir(), 'release-'));
  try {
    await git('git', ['worktree', 'add', '--detach', '--force', tree, commit], { cwd: ROOT });
    await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    const session = await bundleForPhone(SESSION, join(tree, 'miniprogram/services'), {}, commit);
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
});
