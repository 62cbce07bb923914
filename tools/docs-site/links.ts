import { posix } from 'node:path';

/** What links of Markdown can lead to on the site. */
export interface SiteMap {
  /** Markdown files that are pages, with their page. */
  pages: ReadonlyMap<string, string>;
  /** Other files of the project that pages link to or show. */
  files: ReadonlySet<string>;
}

/** Below it are the pages that show a source file. */
export const FILES = 'files';

/** Addresses of other sites, and places on the same page. */
const ELSEWHERE = /^(?:[a-z][a-z+.-]*:|#)/i;
const IMAGE = /\.(?:svg|png)$/;

/** The page that shows a file; a name that begins with a dot would not become one. */
export const filePage = (file: string): string => posix.join(FILES, `${file.replace(/(^|\/)\./g, '$1')}.md`);

/** Address of a page: `/en/client.html`, and `/en/` of an index. */
export const addressOf = (page: string): string =>
  `/${page.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '.html')}`;

/** A link's file from the root of the project, and its anchor with the `#`; undefined: it leads elsewhere. */
export function fileOf(source: string, link: string): { path: string; anchor: string } | undefined {
  if (ELSEWHERE.test(link)) return undefined;
  const [path = '', anchor] = decodeURI(link).split('#');
  return {
    path: posix.join(posix.dirname(source), path).replace(/\/$/, ''),
    anchor: anchor === undefined ? '' : `#${anchor}`,
  };
}

/**
 * The address on the site that a link or an image of a Markdown file leads to, written as GitHub wants it: relative to that file.
 * What leads nowhere stays as it is, for VitePress to report.
 * @param source Markdown file, path from the root of the project
 */
export function siteAddress(source: string, link: string, { pages, files }: SiteMap): string {
  const found = fileOf(source, link);
  if (found === undefined) return link;
  const page = pages.get(found.path) ?? pages.get(posix.join(found.path, 'README.md'));
  if (page !== undefined) return `${addressOf(page)}${found.anchor}`;
  if (!files.has(found.path)) return link;
  return IMAGE.test(found.path) ? `/${found.path}` : addressOf(filePage(found.path));
}

/** Whether the site shows a file as a picture, not as text. */
export const isImage = (file: string): boolean => IMAGE.test(file);
