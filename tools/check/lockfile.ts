import { readFileSync } from 'node:fs';
import { ROOT } from '../root.ts';

interface Entry {
  resolved?: string;
  /** A workspace of this repository; `resolved` is its folder. */
  link?: boolean;
  optionalDependencies?: Record<string, string>;
}
export interface Lockfile {
  packages: Record<string, Entry>;
}

/** Where a package finds another: beside it, or in a folder above. */
function isThere(packages: Lockfile['packages'], from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (`${folder ? `${folder}/` : ''}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
  }
}

/**
 * Optional packages (binaries for other platforms) that the lock file does not have. A registry that does not carry
 * them makes npm leave them out, and then `npm ci` refuses the lock file there and on every other platform.
 */
export const unlockedPackages = ({ packages }: Lockfile): string[] =>
  Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isThere(packages, from, name))
      .map((name) => `缺少 ${from || '根'} 的可选依赖 ${name}，npm ci 会失败`),
  );

/** Packages that the lock file wants from one address only: whoever cannot reach it, or has a registry of their own, cannot install. */
export const addressedPackages = ({ packages }: Lockfile): string[] =>
  Object.entries(packages)
    .filter(([, { resolved, link }]) => resolved !== undefined && !link)
    .map(([name]) => `${name} 有 resolved 地址：用 npm install --omit-lockfile-registry-resolved 重写锁文件`);

/** Of the project, of the tools that are installed in folders of their own, and of the examples. */
const FOLDERS = [
  '',
  'tools/deploy/manager-node/',
  'tools/deploy/real-tools/',
  'tools/docs-site/',
  'examples/native-ts/',
  'examples/uni-app/',
  'examples/taro/',
  'examples/weapp-vite/',
];

export const lockfileProblems = (): string[] =>
  FOLDERS.flatMap((folder) => {
    const path = `${folder}package-lock.json`;
    const lockfile = JSON.parse(readFileSync(`${ROOT}${path}`, 'utf8')) as Lockfile;
    return [...unlockedPackages(lockfile), ...addressedPackages(lockfile)].map(
      (problem) => `${path}：${problem}`,
    );
  });
