import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { anchorsOf, sectionsOf, targetsOf } from '../docs/markdown.ts';
import { markdownPages } from '../docs/pages.ts';
import { ROOT } from '../root.ts';

/** It also speaks of files and commands that are gone; its links still have to lead somewhere. */
const HISTORY = 'CHANGELOG.md';

const ABSOLUTE = /^[a-z][a-z+.-]*:/i;
const CODE = /`([^`\n]+)`/g;
const NPM_SCRIPT = /npm (?:run(?: -s)? ([\w:-]+)|(start|test)\b)/g;
/** A path without placeholders or wildcards, and outside of what is built. */
const PATH = /^(?!(?:[^/]+\/)*dist\b)[\w@.-]+(?:\/[\w@.-]+)*\/?$/;
/** Punctuation that belongs to the sentence around an address, not to it. */
const TRAILING = /[，。；：、）」”'",;]$/;

export interface Repository {
  /** Whether a file or folder exists; path from the root. */
  exists(path: string): boolean;
  /** The anchors of a Markdown file. */
  anchors(path: string): ReadonlySet<string>;
  /** Names of the folders at the root that hold sources: what begins with one of them is taken for a path. */
  folders: ReadonlySet<string>;
  scripts: ReadonlySet<string>;
}

/** Whether an address of another site can be one at all; nobody asks that site. */
function wellFormed(address: string): boolean {
  if (address.startsWith('mailto:')) return true;
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol) && !TRAILING.test(address);
}

/** What is wrong with a link or image of a page; undefined: it leads somewhere. */
function linkProblem(file: string, target: string, { exists, anchors }: Repository): string | undefined {
  if (ABSOLUTE.test(target)) return wellFormed(target) ? undefined : `链接 ${target} 的写法不对`;
  const [path = '', anchor] = decodeURI(target).split('#');
  const page = path === '' ? file : posix.normalize(posix.join(posix.dirname(file), path));
  if (!exists(page)) return `链接 ${target} 不存在`;
  if (anchor === undefined || !page.endsWith('.md')) return undefined;
  return anchors(page).has(anchor) ? undefined : `链接 ${target}：${page} 里没有这一节`;
}

/** Links, anchors and images that lead nowhere. */
export function brokenLinks(file: string, text: string, repository: Repository): string[] {
  return sectionsOf(text)
    .flatMap(({ title, lines }) => targetsOf([title, ...lines]))
    .map((target) => linkProblem(file, target, repository))
    .filter((problem) => problem !== undefined)
    .map((problem) => `${file}：${problem}`);
}

/** Paths in backticks that exist neither below the root nor beside the page, and npm scripts that are not in package.json. */
export function brokenNames(file: string, text: string, repository: Repository): string[] {
  const problems: string[] = [];
  for (const [, code = ''] of text.matchAll(CODE)) {
    const isPath = PATH.test(code) && code.includes('/') && repository.folders.has(code.split('/')[0] ?? '');
    const beside = posix.join(posix.dirname(file), code);
    if (isPath && !repository.exists(code) && !repository.exists(beside))
      problems.push(`${file}：路径 ${code} 不存在`);
  }
  for (const [, run, shorthand] of text.matchAll(NPM_SCRIPT)) {
    const script = run ?? shorthand ?? '';
    if (!repository.scripts.has(script)) problems.push(`${file}：package.json 里没有脚本 ${script}`);
  }
  return problems;
}

/** The npm scripts of a folder; none where it is no package. */
async function scriptsOf(folder: string): Promise<string[]> {
  const manifest = join(ROOT, folder, 'package.json');
  return existsSync(manifest) ? Object.keys(JSON.parse(await readFile(manifest, 'utf8')).scripts ?? {}) : [];
}

/** Problems of all Markdown files. */
export async function docsProblems(): Promise<string[]> {
  const scripts = await scriptsOf('');
  const top = await readdir(ROOT, { withFileTypes: true });
  const isSource = (name: string): boolean => !['node_modules', 'dist', '.local', '.git'].includes(name);
  const texts = markdownPages();
  const repository: Repository = {
    exists: (path) => existsSync(join(ROOT, path)),
    anchors: (path) => anchorsOf(texts.get(path) ?? ''),
    folders: new Set(
      top.filter((entry) => entry.isDirectory() && isSource(entry.name)).map(({ name }) => name),
    ),
    scripts: new Set(scripts),
  };
  const problems = [...texts].map(async ([file, text]) => {
    // the page of a package speaks of its own scripts, too
    const own = { ...repository, scripts: new Set([...scripts, ...(await scriptsOf(posix.dirname(file)))]) };
    return [...brokenLinks(file, text, own), ...(file === HISTORY ? [] : brokenNames(file, text, own))];
  });
  return (await Promise.all(problems)).flat();
}
