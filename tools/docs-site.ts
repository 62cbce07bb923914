/** `npm run docs:site`: the documentation as a web site, from the Markdown and the types. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { watch } from 'chokidar';
import { runTool, ToolError } from './cli.ts';
import { install, isInstalled } from './deploy/tool-package.ts';
import { buildSite, OUT, prepareSite, SITE_PACKAGE, serverArguments } from './docs-site/build.ts';
import { refreshPage } from './docs-site/prepare.ts';
import { sitePages } from './docs-site/site-pages.ts';
import { ROOT } from './root.ts';

const PORTS = { dev: 5173, preview: 4173 };
const MAX_PORT = 65_535;

/** Serves until it is ended; its output is what people see. */
async function serve(kind: 'dev' | 'preview', port: number): Promise<void> {
  const child = spawn(process.execPath, serverArguments(kind, port), { cwd: ROOT, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  process.exitCode = code ?? 0;
}

await runTool(
  {
    command: 'npm run docs:site --',
    summary: `由 docs/ 等处的 Markdown 与类型构建文档网站，写入 ${relative(ROOT, OUT)}；第一次运行时安装 VitePress 与 TypeDoc`,
    options: {
      dev: { type: 'boolean', help: '边写边看：文档一改，页面就刷新' },
      preview: { type: 'boolean', help: '在本机打开构建好的网站' },
      port: {
        type: 'number',
        value: 'PORT',
        help: `端口，默认 ${PORTS.dev}（--dev）或 ${PORTS.preview}（--preview）`,
        min: 1,
        max: MAX_PORT,
      },
    },
  },
  '正在准备',
  async ({ values, progress }) => {
    const step = (text: string): void => progress.step(text);
    if (!isInstalled(SITE_PACKAGE)) {
      step(`正在安装 ${SITE_PACKAGE.name}`);
      await install(SITE_PACKAGE, process.env);
    }
    if (values.preview) {
      progress.end();
      if (!existsSync(join(OUT, 'index.html'))) throw new ToolError('还没有构建：先运行 npm run docs:site');
      await serve('preview', values.port ?? PORTS.preview);
    } else if (values.dev) {
      await prepareSite(step);
      progress.end();
      const sources = sitePages().map(({ source }) => join(ROOT, source));
      const watcher = watch(sources).on('change', (path) => refreshPage(relative(ROOT, path)));
      await serve('dev', values.port ?? PORTS.dev);
      await watcher.close();
    } else {
      await buildSite(OUT, step);
      progress.end();
      console.log(`${relative(ROOT, OUT)}/：npm run docs:site -- --preview 在本机打开`);
    }
  },
);
