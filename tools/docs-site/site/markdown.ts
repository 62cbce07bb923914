import type { MarkdownRenderer } from 'vitepress';
import { type SiteMap, siteAddress } from '../links.ts';
import { HOMES } from '../site-pages.ts';

/** What VitePress tells its renderer of the page. */
interface Environment {
  /** Of the page, from the root of the site. */
  relativePath?: string;
}

/**
 * Makes the renderer read Markdown as GitHub does, so that a link that works there works here: links are relative to the file in the
 * project, and only whole addresses become links by themselves.
 */
export function asOnGitHub(md: MarkdownRenderer, map: SiteMap): void {
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  const sources = new Map([
    ...[...map.pages].map(([source, target]) => [target, source] as const),
    ...HOMES.map(({ source, target }) => [target, source] as const),
  ]);
  md.core.ruler.push('project_links', ({ tokens, env }) => {
    const source = sources.get((env as Environment).relativePath ?? '');
    if (source === undefined) return;
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const name = token.type === 'link_open' ? 'href' : 'src';
      const link = token.attrGet(name);
      if (link !== null) token.attrSet(name, siteAddress(source, link, map));
    }
  });
}

/** Braces are text: the pages become templates of Vue, which would read `{{name}}` as an expression, in code as well. */
export function literalBraces(md: MarkdownRenderer): void {
  for (const kind of ['text', 'code_inline'] as const) {
    const render = md.renderer.rules[kind];
    md.renderer.rules[kind] = (...given) => (render?.(...given) ?? '').replaceAll('{{', '&#123;&#123;');
  }
}

/** Diagrams are drawn in the browser; the element is the theme's. */
export function diagrams(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, at, options, env, self) => {
    const token = tokens[at];
    if (token?.info.trim() !== 'mermaid') return fence?.(tokens, at, options, env, self) ?? '';
    return `<MermaidDiagram code="${encodeURIComponent(token.content)}" />\n`;
  };
}
