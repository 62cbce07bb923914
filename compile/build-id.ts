import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** The id of what is built again at every change, and never deployed. */
export const DEV_BUILD = 'dev';
/** Nothing tells which commit the sources are: they were unpacked from an archive, or git is not there. */
const UNKNOWN = 'unknown';
const COMMIT_CHARS = 7;
const GIVEN = /^[\w.-]{1,40}$/;
const GIT_TIMEOUT_MS = 10_000;

/** What is built, and how: git's patterns, from the project's root. Tests, tools and documents change no build. */
const PRODUCT = [
  ...['compile', 'container', 'contract', 'functions', 'lib', 'miniprogram', 'records'],
  ...['package.json', 'package-lock.json', 'Dockerfile'],
  ':(exclude,glob)**/*.test.ts',
  ':(exclude,glob)**/testing/**',
];

/** @throws Error where git is not there, or does not know the folder */
const git = (root: string, args: readonly string[]): string =>
  // without the optional lock: a status beside another git command must not disturb it
  execFileSync('git', ['--no-optional-locks', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: GIT_TIMEOUT_MS,
  }).trim();

/**
 * The id of a build of the sources as they are now: `BUILD_ID` where it is set, otherwise the commit, with `-dirty` where what is
 * built differs from it; `unknown` outside of git.
 * @throws Error in words where `BUILD_ID` cannot be one
 */
export function buildId(root = ROOT, env: NodeJS.ProcessEnv = process.env): string {
  const given = env.BUILD_ID?.trim();
  if (given) {
    if (!GIVEN.test(given)) throw new Error('BUILD_ID：应为 1–40 个字母、数字、点、连字符或下划线');
    return given;
  }
  try {
    // The second argument fails where the folder is a copy within another repository, which does not hold it.
    const [commit = ''] = git(root, ['rev-parse', 'HEAD', 'HEAD:./package.json']).split('\n');
    const changes = git(root, ['status', '--porcelain', '--untracked-files=all', '--', ...PRODUCT]);
    return commit.slice(0, COMMIT_CHARS) + (changes === '' ? '' : '-dirty');
  } catch {
    return UNKNOWN;
  }
}

/** The version in package.json. */
export const projectVersion = (): string =>
  (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;

/** esbuild's `define` for lib/build.ts. */
export const buildDefine = (build: string): Record<string, string> => ({
  __VERSION__: JSON.stringify(projectVersion()),
  __BUILD_ID__: JSON.stringify(build),
});
