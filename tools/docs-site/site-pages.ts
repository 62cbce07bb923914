import { posix } from 'node:path';
import { markdownPages } from '../docs/pages.ts';

/** A page of the site that is a Markdown file of the project. */
export interface SitePage {
  /** Of the Markdown, from the root of the project. */
  source: string;
  /** Of the page, from the root of the site: `en/client.md` becomes `/en/client.html`. */
  target: string;
}

/** Pages that people meet on GitHub only, or that belong to tests. */
const NOT_ON_SITE = /^\.|\/testing\//;
/** The first page, in either language, is the beginning of the README in that language. */
export const HOMES: readonly SitePage[] = [
  { source: 'README.md', target: 'index.md' },
  { source: 'README.en.md', target: 'en/index.md' },
];

/** Where a Markdown file is on the site: English below `en/`, `docs/` at the top, a folder's README as its index. */
export function targetOf(source: string): string {
  const english = /^docs\/en\/|\.en\.md$/.test(source);
  const path = source.replace(/^docs\/(?:en\/)?/, '').replace(/\.en\.md$/, '.md');
  const folder = posix.dirname(path);
  const name = posix.basename(path);
  const inFolder = folder === '.' ? name.toLowerCase() : name.replace(/^README\.md$/, 'index.md');
  return posix.join(english ? 'en' : '', folder, inFolder);
}

/**
 * Every Markdown file that is a page.
 * @param sources paths from the root
 * @throws Error where two of them would be the same page
 */
export function sitePages(sources: Iterable<string> = markdownPages().keys()): SitePage[] {
  const pages = [...sources]
    .filter((source) => !NOT_ON_SITE.test(source))
    .map((source) => ({ source, target: targetOf(source) }));
  const seen = new Map(HOMES.map(({ source, target }) => [target, source]));
  for (const { source, target } of pages) {
    const other = seen.get(target);
    if (other !== undefined) throw new Error(`${source} and ${other} are both ${target} on the site`);
    seen.set(target, source);
  }
  return pages;
}
