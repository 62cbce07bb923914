import { readFileSync } from 'node:fs';
import { ROOT } from '../root.ts';

interface Entry {
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
      .map((name) => `package-lock.json：缺少 ${from || '根'} 的可选依赖 ${name}，npm ci 会失败`),
  );

export const lockfileProblems = (): string[] =>
  unlockedPackages(JSON.parse(readFileSync(`${ROOT}package-lock.json`, 'utf8')) as Lockfile);
