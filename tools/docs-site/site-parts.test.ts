import { describe, expect, test } from 'vitest';
import { readPage } from '../docs/pages.ts';
import { GROUPS, sidebarProblems } from './groups.ts';
import { addressOf, siteAddress } from './links.ts';
import { PACKAGES } from './packages.ts';
import { indexTokens, queryTokens } from './search-tokens.ts';
import { sidebarOf } from './sidebar.ts';
import { sitePages, targetOf } from './site-pages.ts';

describe('where a Markdown file is on the site', () => {
  test.each([
    ['docs/client.md', 'client.md', '/client.html'],
    ['docs/en/client.md', 'en/client.md', '/en/client.html'],
    ['README.md', 'readme.md', '/readme.html'],
    ['README.en.md', 'en/readme.md', '/en/readme.html'],
    ['CHANGELOG.md', 'changelog.md', '/changelog.html'],
    ['miniprogram/client/README.md', 'miniprogram/client/index.md', '/miniprogram/client/'],
    ['miniprogram/client/README.en.md', 'en/miniprogram/client/index.md', '/en/miniprogram/client/'],
  ])('%s', (source, target, address) => {
    expect(targetOf(source)).toBe(target);
    expect(addressOf(target)).toBe(address);
  });

  test('two files on one page are an error', () => {
    expect(() => sitePages(['docs/client.md', 'CLIENT.md'])).toThrow('client.md');
    expect(() => sitePages(['docs/index.md'])).toThrow('index.md');
  });
});

describe('a link of a Markdown file', () => {
  const map = {
    pages: new Map(
      ['README.md', 'docs/client.md', 'docs/en/client.md', 'samples/README.md'].map((source) => [
        source,
        targetOf(source),
      ]),
    ),
    files: new Set(['contract/stream.ts', '.env.example', 'docs/architecture.svg']),
  };

  test.each([
    ['docs/en/client.md', '../client.md#断线', '/client.html#断线'],
    ['docs/en/client.md', '../client.md#%E6%96%AD%E7%BA%BF', '/client.html#断线'],
    ['README.md', 'docs/client.md', '/client.html'],
    ['README.md', 'samples/', '/samples/'],
    ['docs/client.md', '../contract/stream.ts', '/files/contract/stream.ts.html'],
    ['README.md', '.env.example', '/files/env.example.html'],
    ['README.md', 'docs/architecture.svg', '/docs/architecture.svg'],
    ['README.md', '#目录', '#目录'],
    ['README.md', 'https://example.com/a.md', 'https://example.com/a.md'],
    // nothing is there: VitePress reports it
    ['README.md', 'docs/gone.md', 'docs/gone.md'],
  ])('%s: %s', (source, link, address) => {
    expect(siteAddress(source, link, map)).toBe(address);
  });
});

describe('the sidebar', () => {
  test('has every page once', () => {
    expect(sidebarProblems()).toEqual([]);
  });

  test('a page that is in no group, in two, and a group’s page that is gone are reported', () => {
    const pages = [...sitePages(), { source: 'docs/new.md', target: 'new.md' }];
    const twice = { title: { zh: '又', en: 'Again' }, pages: ['docs/faq.md', 'docs/gone.md'] };
    const problems = sidebarProblems(pages, [...GROUPS, twice]).join('\n');
    expect(problems).toContain('docs/new.md 不在任何一组里');
    expect(problems).toContain('没有文档 docs/gone.md');
    expect(problems).toContain('docs/faq.md 列了两次');
  });

  test('a language has its own pages only', () => {
    const links = (language: 'zh' | 'en') =>
      sidebarOf(language).flatMap(({ items = [] }) => items.map(({ link }) => link ?? ''));
    expect(links('en')).toContain('/en/client.html');
    expect(links('en').every((link) => link.startsWith('/en/'))).toBe(true);
    expect(links('zh')).toContain('/client.html');
    expect(links('zh').some((link) => link.startsWith('/en/'))).toBe(false);
  });
});

test('a package’s reference has every entry that its package.json exports', () => {
  for (const { folder, entries } of PACKAGES) {
    const { exports } = JSON.parse(readPage(`${folder}/package.json`)) as { exports: object };
    const exported = Object.keys(exports).map((name) => name.slice(2) || 'index');
    // `client` is the class alone, which the package itself exports as well
    const documented = exported.filter((name) => !['client', 'package.json'].includes(name));
    expect(Object.keys(entries).sort()).toEqual(documented.sort());
  }
});

describe('the search', () => {
  test('cuts Chinese into pairs, and leaves words whole', () => {
    expect(indexTokens('断线重连，用 wx')).toEqual(['断线', '线重', '重连', '连', '用', 'wx']);
    expect(queryTokens('断线重连 wx')).toEqual(['断线', '线重', '重连', 'wx']);
    expect(queryTokens('连')).toEqual(['连']);
  });

  test('finds parts of a name', () => {
    expect(indexTokens('connectContainer')).toEqual(['connectContainer', 'connect', 'Container']);
    expect(indexTokens('TOO_FAST')).toEqual(['TOO_FAST', 'TOO', 'FAST']);
  });

  test('its functions work without this module, as the browser has them', () => {
    for (const tokens of [indexTokens, queryTokens]) {
      const alone = new Function(`return ${tokens.toString()}`)() as typeof tokens;
      expect(alone('断线 wx_a')).toEqual(tokens('断线 wx_a'));
    }
  });
});
