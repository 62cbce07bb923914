/** `npm run build`: everything that is deployed or published, into `dist/`. */
import { join, relative } from 'node:path';
import { buildId } from '../compile/build-id.ts';
import { buildClient } from '../compile/client.ts';
import { describeBuilt } from '../compile/functions.ts';
import { buildMiniprogram } from '../compile/miniprogram.ts';
import { OUT } from '../compile/out.ts';
import { buildUploads } from '../compile/uploads.ts';
import { buildVoice } from '../compile/voice-package.ts';
import { loadBrowserRuntime } from '../local/wechat/browser-runtime.ts';
import { runTool } from './cli.ts';
import { ROOT } from './root.ts';

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0).padStart(6)} KB`;
const row = (what: string, path: string, bytes: number): string =>
  `${what} ${relative(ROOT, path)} ${kilobytes(bytes)}`;

await runTool(
  {
    command: 'npm run build --',
    summary: '构建要部署与发布的一切，写入 dist/ 与 miniprogram/dist/',
    options: {},
  },
  '正在构建',
  async () => {
    const build = buildId();
    console.log(`构建 ${build}`);
    const { container, functions } = await buildUploads(ROOT, build);
    console.log(row('容器', container.folder, container.bytes));
    for (const built of functions) console.log(describeBuilt(built));
    const packageDir = join(ROOT, OUT.clientPackage);
    const client = await buildClient({ outDir: join(ROOT, OUT.client), packageDir });
    console.log(row('客户端', client.file, client.bytes));
    await buildVoice();
    const runtime = await loadBrowserRuntime();
    const { folder, bytes, parts, notes } = await buildMiniprogram({ runtime, build });
    console.log(row('小程序', folder, bytes));
    for (const [name, size] of parts) console.log(`       ${name.padEnd(17)} ${kilobytes(size)}`);
    for (const note of notes) console.log(note);
  },
);
