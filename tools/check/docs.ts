import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { ROOT } from '../root.ts';

/** Folders whose Markdown files are checked. The changelog is not: it also speaks of files that are gone. */
const FOLDERS = ['.', 'docs', 'samples', 'local/asr', '.github', 'deploy/k8s'];
const HISTORY = 'CHANGELOG.md';

const LINK = /\]\((?!https?:|#)([^)#\s]+)/g;
const CODE = /`([^`\n]+)`/g;
const NPM_SCRIPT = /npm (?:run(?: -s)? ([\w:-]+)|(start|test)\b)/g;
/** A path without placeholders or wildcards, and outside of what is built. */
const PATH = /^(?!(?:[^/]+\/)*dist\b)[\w@.-]+(?:\/[\w@.-]+)*\/?$/;

export interface Repository {
  /** Whether a file or folder exists; path from the root. */
  exists(path: string): boolean;
  /** Names of the folders at the root that hold sources: what begins with one of them is taken for a path. */
  folders: ReadonlySet<string>;
  scripts: ReadonlySet<string>;
}

/** Links and paths in backticks that do not exist, and npm scripts that are not in package.json. */
export function brokenReferences(file: string, text: string, repository: Repository): string[] {
  const problems: string[] = [];
  for (const [, target = ''] of text.matchAll(LINK)) {
    const path = posix.normalize(posix.join(posix.dirname(file), decodeURI(target)));
    if (!repository.exists(path)) problems.push(`${file}：链接 ${target} 不存在`);
  }
  for (const [, code = ''] of text.matchAll(CODE)) {
    const isPath = PATH.test(code) && code.includes('/') && repository.folders.has(code.split('/')[0] ?? '');
    if (isPath && !repository.exists(code)) problems.push(`${file}：路径 ${code} 不存在`);
  }
  for (const [, run, shorthand] of text.matchAll(NPM_SCRIPT)) {
    const script = run ?? shorthand ?? '';
    if (!repository.scripts.has(script)) problems.push(`${file}：package.json 里没有脚本 ${script}`);
  }
  return problems;
}

/** The texts of all Markdown files that are checked, by their paths. */
export async function markdownFiles(): Promise<ReadonlyMap<string, string>> {
  const names = await Promise.all(
    FOLDERS.map(async (folder) =>
      (await readdir(join(ROOT, folder))).map((name) => posix.join(folder, name)),
    ),
  );
  const files = names.flat().filter((name) => name.endsWith('.md') && name !== HISTORY);
  const texts = await Promise.all(files.map((file) => readFile(join(ROOT, file), 'utf8')));
  return new Map(files.map((file, i) => [file, texts[i] ?? '']));
}

/** Problems of all Markdown files. */
export async function docsProblems(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const top = await readdir(ROOT, { withFileTypes: true });
  const isSource = (name: string): boolean => !['node_modules', 'dist', '.local', '.git'].includes(name);
  const repository: Repository = {
    exists: (path) => existsSync(join(ROOT, path)),
    folders: new Set(
      top.filter((entry) => entry.isDirectory() && isSource(entry.name)).map(({ name }) => name),
    ),
    scripts: new Set(Object.keys(scripts)),
  };
  return [...(await markdownFiles())].flatMap(([file, text]) => brokenReferences(file, text, repository));
}
