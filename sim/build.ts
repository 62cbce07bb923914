import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/**
 * Bundles the simulation with the product's code, so that a worker starts at once and runs at full speed.
 * @param plugins may edit the product's sources
 * @returns the file to run with `node`
 */
export async function buildWorker(name: string, plugins: Plugin[] = []): Promise<string> {
  const folder = join(ROOT, '.local/sim');
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(ROOT, 'sim/worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: 'inline',
    logLevel: 'error',
    alias: { 'wx-server-sdk': join(ROOT, 'sim/wx-server-sdk.ts'), ws: join(ROOT, 'sim/ws.ts') },
    banner: {
      js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
    },
    plugins,
  });
  return outfile;
}
