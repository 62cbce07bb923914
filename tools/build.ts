/** `npm run build`: everything that is deployed or published, into `dist/`. */
import { join } from 'node:path';
import { buildContainer } from './build/container.ts';
import { buildFunctions, describeBuilt } from './build/functions.ts';
import { buildMiniprogram } from './build/miniprogram.ts';
import { OUT } from './build/out.ts';
import { ROOT } from './check/files.ts';
import { runTool } from './cli.ts';

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0).padStart(6)} KB`;

await runTool('用法：npm run build', async () => {
  const container = await buildContainer({ outDir: join(ROOT, OUT.container) });
  console.log(`容器   ${OUT.container.padEnd(17)} ${kilobytes(container.bytes)}`);
  for (const built of await buildFunctions({ outDir: join(ROOT, OUT.functions) }))
    console.log(describeBuilt(built));
  const { bytes, parts, notes } = await buildMiniprogram({ outDir: join(ROOT, OUT.miniprogram) });
  console.log(`小程序 ${OUT.miniprogram.padEnd(17)} ${kilobytes(bytes)}`);
  for (const [name, size] of parts) console.log(`       ${name.padEnd(17)} ${kilobytes(size)}`);
  for (const note of notes) console.log(note);
});
