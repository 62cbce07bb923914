import { type SitePage, sitePages } from './site-pages.ts';

/** A part of the sidebar: what a reader wants to do. */
export interface Group {
  title: { zh: string; en: string };
  /** Markdown files, in the order of the sidebar; with a name where the page's own title does not tell it from others. */
  pages: readonly (string | readonly [source: string, name: string])[];
}

/** The sidebar, in order. Every page of the site stands in one of them: `npm run check` tells which does not. */
export const GROUPS: readonly Group[] = [
  {
    title: { zh: '开始', en: 'Start' },
    pages: [
      'docs/quickstart.md',
      ['README.md', '项目说明'],
      ['README.en.md', 'The project'],
      'docs/faq.md',
      'CHANGELOG.md',
    ],
  },
  {
    title: { zh: '接入', en: 'Integrate' },
    pages: [
      'docs/integration.md',
      ['docs/client.md', '客户端 CloudBaseSocketIOClient'],
      ['docs/en/client.md', 'Client: CloudBaseSocketIOClient'],
      ['miniprogram/client/README.md', 'npm 包 cloudbase-socketio-client'],
      ['miniprogram/client/README.en.md', 'Package cloudbase-socketio-client'],
      ['miniprogram/voice/README.md', 'npm 包 cloudbase-voice'],
      ['miniprogram/voice/README.en.md', 'Package cloudbase-voice'],
      'examples/README.md',
      ['examples/native-js/README.md', '例子：原生 JavaScript'],
      ['examples/native-ts/README.md', '例子：原生 TypeScript'],
      ['examples/uni-app/README.md', '例子：uni-app'],
      ['examples/taro/README.md', '例子：Taro'],
      ['examples/weapp-vite/README.md', '例子：weapp-vite'],
      'docs/on-device-checklist.md',
    ],
  },
  {
    title: { zh: '部署', en: 'Deploy' },
    pages: ['docs/deploy.md', 'docs/en/deploy.md', 'deploy/k8s/README.md', 'docs/nginx.md'],
  },
  {
    title: { zh: '运行', en: 'Operate' },
    pages: ['docs/operations.md', 'docs/doctor.md', 'docs/scaling.md', 'docs/security.md'],
  },
  {
    title: { zh: '协议与参考', en: 'Protocol and reference' },
    pages: [
      'docs/api.md',
      'docs/protocol.md',
      'docs/en/protocol.md',
      ['conformance/README.md', '协议的一致性用例'],
      ['conformance/README.en.md', 'Conformance cases'],
      'examples/minimal-server/README.md',
      'docs/functions.md',
      'docs/http-api.md',
      'docs/asr-notes.md',
    ],
  },
  {
    title: { zh: '设计与参与', en: 'Design' },
    pages: [
      'docs/design.md',
      'docs/reliability.md',
      'docs/benchmarks.md',
      'docs/local-cloud.md',
      'local/asr/README.md',
      'local/deploy-cloud/README.md',
      'docs/miniprogram-host.md',
      'docs/phrase-bank.md',
      'samples/README.md',
      'CONTRIBUTING.md',
    ],
  },
];

/** The group that the API reference of the packages belongs to. */
export const REFERENCE_GROUP = '协议与参考';

const FILE = 'tools/docs-site/groups.ts';

/** Pages that no reader would find in the sidebar, and entries of it without a page. */
export function sidebarProblems(
  pages: readonly SitePage[] = sitePages(),
  groups: readonly Group[] = GROUPS,
): string[] {
  const listed = groups.flatMap((group) =>
    group.pages.map((page) => (typeof page === 'string' ? page : page[0])),
  );
  const sources = pages.map(({ source }) => source);
  return [
    ...sources
      .filter((source) => !listed.includes(source))
      .map((source) => `${FILE}：${source} 不在任何一组里，文档网站的侧栏没有它`),
    ...listed.filter((source) => !sources.includes(source)).map((source) => `${FILE}：没有文档 ${source}`),
    ...listed
      .filter((source, at) => listed.indexOf(source) !== at)
      .map((source) => `${FILE}：${source} 列了两次`),
  ];
}
