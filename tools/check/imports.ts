import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { projectFiles, ROOT } from './files.ts';

/** What each folder may import from besides itself. Container, functions, mini-program and local never know each other. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  lib: [],
  records: ['contract/', 'lib/'],
  container: ['contract/', 'records/', 'lib/'],
  functions: ['contract/', 'records/', 'lib/'],
  miniprogram: ['contract/', 'lib/'],
  compile: ['contract/', 'lib/'],
  // the launcher builds what it starts as processes
  local: ['contract/', 'lib/', 'compile/'],
};
const SOURCE = /\.[cm]?[jt]s$/;
/** Tests and what only they use may import anything. */
const FOR_TESTS = /(\.test\.ts$)|(^|\/)(testing\/|bench\/|e2e\/|test-[^/]*\.ts$)/;
const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\s*\(\s*)(['"])(\.{1,2}\/[^'"]+)\1/g;

/** The relative imports of a source text. */
export const relativeImports = (source: string): string[] =>
  [...source.matchAll(SPECIFIER)].map((match) => match[2] as string);

/** What is wrong with one file's imports. @param path from the project's root */
export function forbiddenImports(path: string, source: string): string[] {
  const top = path.split('/')[0] as string;
  const allowed = MAY_IMPORT[top];
  if (!allowed || FOR_TESTS.test(path)) return [];
  return relativeImports(source).flatMap((specifier) => {
    const target = posix.normalize(posix.join(posix.dirname(path), specifier));
    if (FOR_TESTS.test(target)) return [`${path}：产品代码引用了测试辅助 ${target}`];
    const fine = [`${top}/`, ...allowed].some((prefix) => target.startsWith(prefix));
    return fine ? [] : [`${path}：${top}/ 不能引用 ${target}`];
  });
}

/** Imports against the direction, in the whole project. */
export const wrongImports = (): string[] =>
  projectFiles()
    .filter((path) => SOURCE.test(path))
    .flatMap((path) => forbiddenImports(path, readFileSync(ROOT + path, 'utf8')));
