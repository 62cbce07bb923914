import { spawn } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../cli.ts';
import type { ToolPackage } from '../deploy/tool-package.ts';
import { ROOT } from '../root.ts';
import { PACKAGES } from './packages.ts';
import { GENERATED, preparePages } from './prepare.ts';
import { REFERENCE } from './sidebar.ts';

/** What builds the site. */
export const SITE_PACKAGE: ToolPackage = { folder: join(ROOT, 'tools/docs-site'), name: 'vitepress' };
/** Where the result is, unless it is said otherwise. */
export const OUT = join(ROOT, 'dist/docs-site');

const SITE = join(SITE_PACKAGE.folder, 'site');
const VITEPRESS = join(SITE_PACKAGE.folder, 'node_modules/vitepress/bin/vitepress.js');
/** Of the page that lists the packages, in both languages of the site. */
const REFERENCE_HEADS: readonly [folder: string, title: string, introduction: string][] = [
  [REFERENCE, '类型参考', '由源码的类型与注释生成（TypeDoc），注释是英文。'],
  [`en/${REFERENCE}`, 'API reference', 'Made from the types and comments of the sources by TypeDoc.'],
];

/** What VitePress prints of a page that cannot be rendered; it goes on, and the page is empty. */
const PAGE_FAILURE = /^\w*Error: |\[Vue warn\]/m;

/** A program of the site, with arguments; its output is shown only where it fails. @throws ToolError with that output */
async function run(what: string, args: readonly string[]): Promise<void> {
  // VitePress builds for production whatever runs it
  const env = { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' };
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0 || PAGE_FAILURE.test(output))
    throw new ToolError(`${what}没有成功（退出码 ${code}）：\n${output.trimEnd()}`);
}

/** The API reference of every package, in both languages of the site; it is English in both. */
async function writeReference(): Promise<void> {
  for (const one of PACKAGES) {
    const out = join(GENERATED, REFERENCE, one.name);
    const program = ['--import', 'tsx', join(SITE, 'reference.ts')];
    await run(`${one.name} 的类型参考`, [...program, JSON.stringify(one), ROOT, out]);
  }
  cpSync(join(GENERATED, REFERENCE), join(GENERATED, 'en', REFERENCE), { recursive: true });
  const list = PACKAGES.map(({ name }) => `- [${name}](${name}/index.md)`).join('\n');
  for (const [folder, title, introduction] of REFERENCE_HEADS)
    writeFileSync(join(GENERATED, folder, 'index.md'), `# ${title}\n\n${introduction}\n\n${list}\n`);
}

/** The program that draws diagrams, as files of the site. */
function copyMermaid(): void {
  const [from, to] = [
    join(SITE_PACKAGE.folder, 'node_modules/mermaid/dist'),
    join(GENERATED, 'public/mermaid'),
  ];
  for (const name of ['mermaid.esm.min.mjs', 'chunks/mermaid.esm.min'])
    cpSync(join(from, name), join(to, name), {
      recursive: true,
      filter: (file) => !file.endsWith('.map'),
    });
}

/** Writes everything that VitePress takes. @param step is told what is being done */
export async function prepareSite(step: (text: string) => void): Promise<void> {
  step('正在整理文档');
  preparePages();
  copyMermaid();
  step('正在由类型生成参考');
  await writeReference();
}

/**
 * Builds the site.
 * @param out folder of the result
 * @throws ToolError with what VitePress or typedoc says, such as a link that leads nowhere
 */
export async function buildSite(out: string, step: (text: string) => void): Promise<void> {
  await prepareSite(step);
  step('正在构建网站');
  await run('网站', [VITEPRESS, 'build', SITE, '--outDir', out]);
}

/** Arguments for Node.js to serve: sources with a reload at every change, or the result. */
export const serverArguments = (kind: 'dev' | 'preview', port: number): string[] => [
  VITEPRESS,
  kind,
  SITE,
  '--port',
  `${port}`,
  ...(kind === 'dev' ? ['--host', '127.0.0.1'] : []),
];
