import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** CommonJS packages inside the bundle still call `require`; an ES module has none of its own. */
const REQUIRE_FOR_BUNDLED_CJS = `import { createRequire as $createRequire } from 'node:module';
import { dirname as $dirname } from 'node:path';
import { fileURLToPath as $fileURLToPath } from 'node:url';
const require = $createRequire(import.meta.url);
const __filename = $fileURLToPath(import.meta.url);
const __dirname = $dirname(__filename);`;

export interface BuiltContainer {
  folder: string;
  /** Size of `index.js`. */
  bytes: number;
}

/**
 * Builds the container service into a folder of its own: `index.js` with all its dependencies inside, `package.json`
 * and `Dockerfile`. That folder is what gets uploaded: the CloudBase CLI ignores `.dockerignore`, so a folder with
 * anything else in it (an `.env`, say) would be uploaded with all of it.
 */
export async function buildContainer({
  outDir,
  plugins = [],
}: {
  outDir: string;
  plugins?: Plugin[];
}): Promise<BuiltContainer> {
  await mkdir(outDir, { recursive: true });
  const outfile = join(outDir, 'index.js');
  await build({
    entryPoints: [join(ROOT, 'container/src/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: { js: REQUIRE_FOR_BUNDLED_CJS },
    // native accelerators that `ws` tries and does without
    external: ['bufferutil', 'utf-8-validate'],
    // names and lines stay as they are: stack traces in the platform's log must be readable
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'silent',
    plugins,
  });
  const manifest = {
    name: 'realtime-voice',
    version: '1.0.0',
    private: true,
    type: 'module',
    main: 'index.js',
  };
  await writeFile(join(outDir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await copyFile(join(ROOT, 'Dockerfile'), join(outDir, 'Dockerfile'));
  return { folder: outDir, bytes: (await stat(outfile)).size };
}
