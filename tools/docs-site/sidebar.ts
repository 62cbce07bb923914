import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sectionsOf } from '../docs/markdown.ts';
import { readPage } from '../docs/pages.ts';
import { GROUPS, REFERENCE_GROUP } from './groups.ts';
import { addressOf } from './links.ts';
import { type DocumentedPackage, NAVIGATION_FILE, PACKAGES } from './packages.ts';
import { GENERATED } from './prepare.ts';
import { targetOf } from './site-pages.ts';

/** Below it is the API reference, a folder a package. */
export const REFERENCE = 'reference';

export type Language = 'zh' | 'en';

/** As VitePress takes it. */
export interface SidebarItem {
  text: string;
  link?: string;
  items?: SidebarItem[];
  collapsed?: boolean;
}

/** What typedoc writes of its pages. */
interface NavigationItem {
  title: string;
  path?: string;
  children?: NavigationItem[];
}

/** The first heading of a page. */
const titleOf = (source: string): string =>
  sectionsOf(readPage(source))
    .find(({ level }) => level === 1)
    ?.title.replace(/[`*]/g, '') ?? source;

const languageOf = (target: string): Language => (target.startsWith('en/') ? 'en' : 'zh');

/** Pages of the entries of a package, without the kinds between them. */
function entriesOf({ name }: DocumentedPackage, folder: string): SidebarItem[] {
  const file = join(GENERATED, folder, name, NAVIGATION_FILE);
  if (!existsSync(file)) return [];
  const itemsOf = (children: readonly NavigationItem[]): SidebarItem[] =>
    children.flatMap(({ title, path, children: below = [] }) =>
      path === undefined
        ? itemsOf(below)
        : [
            {
              text: title,
              link: addressOf(`${folder}/${name}/${path}`),
              ...(below.length > 0 && { items: itemsOf(below), collapsed: true }),
            },
          ],
    );
  return itemsOf(JSON.parse(readFileSync(file, 'utf8')) as NavigationItem[]).map((item) => ({
    ...item,
    text: item.text === 'index' ? name : `${name}/${item.text}`,
  }));
}

function referenceItem(language: Language): SidebarItem {
  const folder = language === 'en' ? `en/${REFERENCE}` : REFERENCE;
  return {
    text: language === 'en' ? 'API reference' : '类型参考（TypeDoc）',
    link: `/${folder}/`,
    items: PACKAGES.flatMap((one) => entriesOf(one, folder)),
    collapsed: true,
  };
}

/** The sidebar in one language; groups without a page in it are left out. */
export function sidebarOf(language: Language): SidebarItem[] {
  return GROUPS.map(({ title, pages }) => ({
    text: title[language],
    items: [
      ...pages
        .map((page) => (typeof page === 'string' ? ([page, titleOf(page)] as const) : page))
        .map(([source, text]) => ({ target: targetOf(source), text }))
        .filter(({ target }) => languageOf(target) === language)
        .map(({ target, text }) => ({ text, link: addressOf(target) })),
      ...(title.zh === REFERENCE_GROUP ? [referenceItem(language)] : []),
    ],
  })).filter(({ items }) => items.length > 0);
}
