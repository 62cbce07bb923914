import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { anchorOf } from '../../../docs/markdown.ts';
import { ROOT } from '../../../root.ts';
import { GENERATED, siteMap } from '../../prepare.ts';
import { indexTokens, queryTokens } from '../../search-tokens.ts';
import { sidebarOf } from '../../sidebar.ts';
import { asOnGitHub, diagrams, literalBraces } from '../markdown.ts';
import { CHINESE, CHINESE_SEARCH, ENGLISH } from './words.ts';

const NAME = 'cloudbase-realtime-voice';
const ICON =
  'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M2 6v4M5 3v10M8 5v6M11 2v12M14 6v4" stroke="%232f9e63" stroke-width="2" stroke-linecap="round"/></svg>';
/** Where the sources are, for a link to them; https://host/owner/name. */
const REPOSITORY = process.env.DOCS_REPOSITORY;

export default defineConfig({
  srcDir: GENERATED,
  outDir: join(ROOT, 'dist/docs-site'),
  base: process.env.DOCS_BASE || '/',
  title: NAME,
  lang: 'zh-CN',
  description: '微信小程序里的实时语音识别：边说边出文字，不需要备案域名',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: ICON }]],
  markdown: {
    // `{name}` in these documents is text
    attrs: { disable: true },
    anchor: { slugify: anchorOf },
    codeCopyButtonTitle: '复制',
    config: (md) => {
      asOnGitHub(md, siteMap());
      literalBraces(md);
      diagrams(md);
    },
  },
  locales: {
    root: { label: '中文', lang: 'zh-CN', themeConfig: { ...CHINESE, sidebar: sidebarOf('zh') } },
    en: {
      label: 'English',
      lang: 'en',
      description: 'Streaming speech recognition for WeChat mini-programs, without a filed domain',
      themeConfig: { ...ENGLISH, sidebar: sidebarOf('en') },
    },
  },
  themeConfig: {
    // not every page is there in both languages
    i18nRouting: false,
    outline: [2, 3],
    externalLinkIcon: true,
    ...(REPOSITORY && { socialLinks: [{ icon: 'github', link: REPOSITORY }] }),
    search: {
      provider: 'local',
      options: {
        detailedView: true,
        locales: { root: { translations: CHINESE_SEARCH } },
        miniSearch: { options: { tokenize: indexTokens }, searchOptions: { tokenize: queryTokens } },
      },
    },
  },
  vite: {
    // the project's .env holds keys
    envDir: false,
    // the index of the search is larger than what Vite warns of
    build: { chunkSizeWarningLimit: 4000 },
  },
});
