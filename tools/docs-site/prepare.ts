import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sectionsOf, targetsOf } from '../docs/markdown.ts';
import { readPage } from '../docs/pages.ts';
import { ROOT } from '../root.ts';
import { fileOf, filePage, isImage, type SiteMap } from './links.ts';
import { HOMES, type SitePage, sitePages } from './site-pages.ts';

/** What VitePress builds: copies of the Markdown files where their pages are, and pages that are made. Not committed. */
export const GENERATED = join(ROOT, 'tools/docs-site/generated');

/** A first page is no chapter: no sidebar, no outline. */
const HOME_MATTER =
  '---\nsearch: false\nsidebar: false\naside: false\noutline: false\nprev: false\nnext: false\npageClass: home\n---\n\n';

const isFile = (path: string): boolean =>
  statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile() === true;

/** Files other than pages that a page links to or shows. */
function linkedFiles({ source }: SitePage, pages: ReadonlyMap<string, string>): string[] {
  return sectionsOf(readPage(source))
    .flatMap(({ title, lines }) => targetsOf([title, ...lines]))
    .map((target) => fileOf(source, target)?.path ?? '')
    .filter((path) => path !== '' && !pages.has(path) && isFile(path));
}

/** What the site has now. */
export function siteMap(): SiteMap {
  const list = sitePages();
  const pages = new Map(list.map(({ source, target }) => [source, target]));
  return { pages, files: new Set(list.flatMap((page) => linkedFiles(page, pages))) };
}

/** The promise, the picture and the first steps: what stands before the second section. */
function beginningOf(readme: string): string {
  const lines = readme.split('\n');
  const second = sectionsOf(readme).filter(({ level }) => level === 2)[1];
  return lines.slice(0, second === undefined ? lines.length : second.line - 1).join('\n');
}

function write(target: string, text: string): void {
  const path = join(GENERATED, target);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** For the colours of its text. */
const languageOf = (file: string): string => /\.(json|ts)$/.exec(file)?.[1] ?? 'txt';

/** A page that shows a file as it is. */
function sourcePage(file: string): string {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const fence = '`'.repeat(Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length)) + 1);
  return `---\nsearch: false\noutline: false\n---\n\n# ${file}\n\n${fence}${languageOf(file)}\n${text}\n${fence}\n`;
}

/** Writes the pages of a Markdown file that has changed; false: it is none of the site's. */
export function refreshPage(source: string): boolean {
  const pages = [...sitePages(), ...HOMES].filter((page) => page.source === source);
  for (const { target } of pages)
    write(
      target,
      HOMES.some((home) => home.target === target)
        ? `${HOME_MATTER}${beginningOf(readPage(source))}`
        : readPage(source),
    );
  return pages.length > 0;
}

/** Writes everything but the API reference anew. */
export function preparePages(): void {
  rmSync(GENERATED, { recursive: true, force: true });
  const { pages, files } = siteMap();
  for (const source of pages.keys()) refreshPage(source);
  for (const file of files)
    if (isImage(file)) cpSync(join(ROOT, file), join(GENERATED, 'public', file));
    else write(filePage(file), sourcePage(file));
}
