import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Every import of ADPCM, the phone's and the container's, is of the simulator's blocks. */
const losslessBlocks: Plugin = {
  name: 'lossless-blocks',
  setup(build) {
    build.onResolve({ filter: /\/ima-adpcm\.ts$/ }, () => ({ path: join(ROOT, 'sim/lossless-blocks.ts') }));
  },
};

/**
 * Bundles the simulation with the product's code, so that a worker starts at once and runs at full speed.
 * @param plugins may edit the product's sources
 * @param entry what is bundled; the worker by default
 * @returns the file to run with `node`
 */
export async function buildWorker(
  name: string,
  plugins: Plugin[] = [],
  entry = 'sim/worker.ts',
): Promise<string> {
  const folder = join(ROOT, '.local/sim');
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(ROOT, entry)],
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
    plugins: [losslessBlocks, ...plugins],
  });
  return outfile;
}
