import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { install } from '../deploy/tool-package.ts';
import { type Example, OWN_PACKAGES, sourceOf, workDirOf } from './examples.ts';

interface Manifest {
  dependencies?: Record<string, string>;
}

/** What is not copied: an editor or its user may have installed and built in the sources. */
const NOT_SOURCE = /^(node_modules|dist|miniprogram_npm|\.weapp-vite)$/;
const LOCK = 'package-lock.json';
/** Beside the packages: the lock file that they were installed from. */
const INSTALLED = 'node_modules/.installed-lock';

/** Nothing from a registry: what it uses is this repository's. */
const needsNothing = (example: Example): boolean => !existsSync(join(sourceOf(example), LOCK));

const lockHash = (example: Example): string =>
  createHash('sha256')
    .update(readFileSync(join(sourceOf(example), LOCK)))
    .digest('hex');

/** Whether what it needs from a registry is there, in the versions of its lock file. */
export function isInstalled(example: Example): boolean {
  if (needsNothing(example)) return true;
  const file = join(workDirOf(example), INSTALLED);
  return existsSync(file) && readFileSync(file, 'utf8') === lockHash(example);
}

/** Puts the example's present sources into its working folder; what is installed there stays. */
export function copySources(example: Example): void {
  const [from, to] = [sourceOf(example), workDirOf(example)];
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(to))
    if (name !== 'node_modules') rmSync(join(to, name), { recursive: true, force: true });
  cpSync(from, to, { recursive: true, filter: (path) => path === from || !NOT_SOURCE.test(basename(path)) });
}

/**
 * Installs what the example needs from a registry, by its lock file. This repository's own packages are left out: they come packed
 * from the sources (`./packages.ts`).
 * @throws ToolError with the end of npm's output
 */
export async function installExample(example: Example): Promise<void> {
  if (needsNothing(example)) return;
  copySources(example);
  const folder = workDirOf(example);
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  for (const name of OWN_PACKAGES) delete manifest.dependencies?.[name];
  writeFileSync(file, JSON.stringify(manifest));
  // the lock file says what every file must be, so one that npm has already is as good
  const env = { ...process.env, npm_config_prefer_offline: 'true' };
  await install({ folder, name: `examples/${example.name}` }, env);
  writeFileSync(join(folder, INSTALLED), lockHash(example));
}

/** Whether a test can use it. @throws where it must and cannot, so that a machine meant to run it cannot skip silently */
export function installedForTests(example: Example): boolean {
  if (isInstalled(example)) return true;
  const reason = `没有安装 examples/${example.name}：npm run test:examples 会安装它`;
  if (process.env.REQUIRE_EXAMPLES === '1') throw new Error(reason);
  console.warn(`跳过它的测试。${reason}`);
  return false;
}
