import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installedForTests } from '../deploy/testing/installed.ts';
import { anchorsOf } from '../docs/markdown.ts';
import { readPage } from '../docs/pages.ts';
import { buildSite, SITE_PACKAGE } from './build.ts';
import { addressOf } from './links.ts';
import { PACKAGES } from './packages.ts';
import { indexTokens, queryTokens } from './search-tokens.ts';
import { HOMES, sitePages } from './site-pages.ts';

/** Three programs of another package, of which one builds some two hundred pages, ms. */
const BUILD_TIMEOUT_MS = 600_000;
const isThere = installedForTests(SITE_PACKAGE, 'REQUIRE_DOCS_SITE', 'npm run docs:site 会安装它');
const fromSite = createRequire(join(SITE_PACKAGE.folder, 'package.json'));

/** What is used of MiniSearch, with which the theme searches. */
interface SearchIndex {
  search(query: string): { id: string; title: string }[];
}

describe.skipIf(!isThere)('the documentation site', () => {
  const out = mkdtempSync(join(tmpdir(), 'docs-site-'));
  let pages: ReadonlyMap<string, string>;

  beforeAll(async () => {
    await buildSite(out, () => {});
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' });
    pages = new Map(
      files
        .filter((file) => file.endsWith('.html'))
        .map((file) => [`/${file}`, readFileSync(join(out, file), 'utf8')]),
    );
  }, BUILD_TIMEOUT_MS);
  afterAll(() => rmSync(out, { recursive: true, force: true }));

  const fileOf = (address: string): string => (address.endsWith('/') ? `${address}index.html` : address);
  const pageAt = (address: string): string => pages.get(fileOf(address)) ?? '';
  /** With the entities that VitePress writes read. */
  const attributes = (html: string, pattern: RegExp): string[] =>
    [...html.matchAll(pattern)].map(([, value = '']) => value.replaceAll('&amp;', '&'));

  test('its own sources have no type errors', () => {
    const tsc = join(SITE_PACKAGE.folder, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', SITE_PACKAGE.folder], { encoding: 'utf8' });
    expect(stdout).toBe('');
  });

  test('every Markdown file is a page, and there are no others than those that are made', () => {
    const expected = [...sitePages(), ...HOMES].map(({ target }) => fileOf(addressOf(target)));
    expect([...pages.keys()]).toEqual(expect.arrayContaining(expected));
    const others = [...pages.keys()].filter((page) => !expected.includes(page));
    expect(others.filter((page) => !/^\/(?:en\/)?reference\/|^\/files\/|^\/404\.html$/.test(page))).toEqual(
      [],
    );
  });

  test('every heading of every page is there, at the anchor that GitHub gives it', () => {
    const missing = sitePages().flatMap(({ source, target }) =>
      [...anchorsOf(readPage(source))]
        .filter((anchor) => !pageAt(addressOf(target)).includes(`id="${anchor}"`))
        .map((anchor) => `${source}#${anchor}`),
    );
    expect(missing).toEqual([]);
    // Vue would read it as an expression, unless it is kept as text
    expect(pageAt('/deploy.html')).toContain('{{env.');
  });

  test('every link leads to a page and, with an anchor, to a place on it', () => {
    const broken = [...pages].flatMap(([page, html]) =>
      attributes(html, /<a[^>]* href="([^"]+)"/g)
        .map((link) => new URL(link, `http://site${page}`))
        .filter(({ host }) => host === 'site')
        .filter(({ pathname, hash }) => {
          const target = pages.get(decodeURI(fileOf(pathname)));
          if (target === undefined) return true;
          return hash !== '' && !target.includes(`id="${decodeURIComponent(hash.slice(1))}"`);
        })
        .map(({ pathname, hash }) => `${page}: ${decodeURI(pathname + hash)}`),
    );
    expect(broken.filter((link) => !link.startsWith('/404.html'))).toEqual([]);
  });

  test('nothing is loaded from another host', () => {
    const loaded = [...pages].flatMap(([page, html]) =>
      attributes(html, /<(?:script|img|link|iframe|source)[^>]* (?:src|href)="((?:https?:)?\/\/[^"]+)"/g).map(
        (address) => `${page}: ${address}`,
      ),
    );
    const styles = readdirSync(join(out, 'assets'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.css'))
      .map((file) => readFileSync(join(out, 'assets', file), 'utf8'));
    expect(loaded).toEqual([]);
    expect(styles.length).toBeGreaterThan(0);
    expect(styles.join('\n')).not.toMatch(/@import|url\(["']?(?:https?:)?\/\//);
  });

  test('pictures are there, and both first pages show the architecture', () => {
    for (const { target } of HOMES)
      expect(pageAt(addressOf(target))).toMatch(/<img[^>]*architecture[^>]*\.svg/);
    const pictures = [...pages.values()].flatMap((html) => attributes(html, /<img[^>]* src="(\/[^"]+)"/g));
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' });
    expect(pictures.filter((picture) => !files.includes(picture.slice(1)))).toEqual([]);
  });

  test('every entry of a package has its page of types, in both languages', () => {
    for (const { name, entries } of PACKAGES)
      for (const entry of Object.keys(entries))
        for (const language of ['', '/en'])
          expect([...pages.keys()]).toContain(`${language}/reference/${name}/${entry}/index.html`);
    const client = pageAt('/reference/cloudbase-socketio-client/index/classes/CloudBaseSocketIOClient.html');
    for (const member of ['connect', 'emit', 'emitwithack', 'on', 'of', 'disconnect'])
      expect(client).toContain(`<h3 id="${member}"`);
    expect(client).toContain('Sends an event. While not connected it is kept');
    expect(client).not.toContain('_callSafely');
    const voice = '/reference/cloudbase-voice/index';
    expect(pageAt(`${voice}/functions/createVoiceService.html`)).toContain('one object for the whole app');
    expect(pageAt(`${voice}/classes/VoiceRecording.html`)).toContain('<h3 id="stop"');
    expect(pageAt(`${voice}/variables/ERRORS.html`)).toContain('TAKEN_OVER');
  });

  describe('the search', () => {
    const load = async (language: string): Promise<SearchIndex> => {
      const { default: MiniSearch } = await import(pathToFileURL(fromSite.resolve('minisearch')).href);
      const chunks = join(out, 'assets/chunks');
      const name = readdirSync(chunks).find((file) => file.startsWith(`@localSearchIndex${language}.`)) ?? '';
      const { default: index } = await import(
        `data:text/javascript;base64,${readFileSync(join(chunks, name)).toString('base64')}`
      );
      // as the theme does
      return MiniSearch.loadJSON(index, {
        fields: ['title', 'titles', 'text'],
        storeFields: ['title', 'titles'],
        tokenize: indexTokens,
        searchOptions: {
          fuzzy: 0.2,
          prefix: true,
          boost: { title: 4, text: 2, titles: 1 },
          tokenize: queryTokens,
        },
      });
    };

    test.each([
      ['重连', '/client.html'],
      ['断线', '/integration.html'],
      ['断线续传', '/readme.html'],
      ['灰度', '/deploy.html'],
      ['回滚', '/deploy.html'],
      ['committedPos', '/protocol.html'],
      ['emitWithAck', '/reference/cloudbase-socketio-client/'],
    ])('%s is found on %s', async (query, page) => {
      const index = await load('root');
      const found = index.search(query).map(({ id }) => id);
      expect(found.length).toBeGreaterThan(0);
      expect(found.slice(0, 30).some((id) => id.startsWith(page))).toBe(true);
    });

    test('what nobody wrote is not found', async () => {
      expect((await load('root')).search('鼹鼠')).toEqual([]);
    });

    test('in English the English pages are searched', async () => {
      const found = (await load('en')).search('reconnect').map(({ id }) => id);
      expect(found.some((id) => id.startsWith('/en/client.html'))).toBe(true);
      expect(found.every((id) => id.startsWith('/en/'))).toBe(true);
    });
  });
});
