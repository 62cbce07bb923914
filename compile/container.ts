import { chmod, copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { buildDefine, buildId, DEV_BUILD, projectVersion } from './build-id.ts';
import { NODE_BUNDLE, type OnBuild, sourceFoldersOf, type Watcher, watchBundle } from './node-bundle.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** CommonJS packages inside the bundle still call `require`; an ES module has none of its own. */
const REQUIRE_FOR_BUNDLED_CJS = `import { createRequire as $createRequire } from 'node:module';
import { dirname as $dirname } from 'node:path';
import { fileURLToPath as $fileURLToPath } from 'node:url';
const require = $createRequire(import.meta.url);
const __filename = $fileURLToPath(import.meta.url);
const __dirname = $dirname(__filename);`;

/** The image keeps it, and its user is not the one who builds, whose umask may leave nothing to others. */
const READABLE_BY_ALL = 0o644;

export interface BuiltContainer {
  folder: string;
  /** Size of `index.js`. */
  bytes: number;
}

const optionsFor = (outDir: string, build: string) =>
  ({
    ...NODE_BUNDLE,
    define: buildDefine(build),
    entryPoints: [join(ROOT, 'container/src/main.ts')],
    outfile: join(outDir, 'index.js'),
    format: 'esm',
    banner: { js: REQUIRE_FOR_BUNDLED_CJS },
    // native accelerators that `ws` tries and does without: one is replaced, one left out
    alias: { bufferutil: join(ROOT, 'container/src/masking.ts') },
    external: ['utf-8-validate'],
  }) satisfies BuildOptions;

/** Writes `package.json` and `Dockerfile`. */
async function writeCompanions(outDir: string): Promise<void> {
  const manifest = {
    name: 'realtime-voice',
    version: projectVersion(),
    private: true,
    type: 'module',
    main: 'index.js',
  };
  await mkdir(outDir, { recursive: true });
  await writeFile(join(outDir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await copyFile(join(ROOT, 'Dockerfile'), join(outDir, 'Dockerfile'));
}

/**
 * Builds the container service into a folder of its own: `index.js` with all its dependencies inside, `package.json`
 * and `Dockerfile`. That folder is what gets uploaded: the CloudBase CLI ignores `.dockerignore`, so a folder with
 * anything else in it (an `.env`, say) would be uploaded with all of it.
 * @param options.sourcemap also write `index.js.map`
 * @param options.build the id that it shows
 */
export async function buildContainer({
  outDir,
  sourcemap = false,
  plugins = [],
  build: id = buildId(),
}: {
  outDir: string;
  sourcemap?: boolean;
  plugins?: Plugin[];
  build?: string;
}): Promise<BuiltContainer> {
  const options = optionsFor(outDir, id);
  await build({ ...options, sourcemap, plugins });
  await writeCompanions(outDir);
  for (const name of ['index.js', 'package.json']) await chmod(join(outDir, name), READABLE_BY_ALL);
  return { folder: outDir, bytes: (await stat(options.outfile)).size };
}

/**
 * {@link buildContainer} with a source map, again whenever a source changes.
 * Resolves once `onBuild` has been called for the first build.
 */
export async function watchContainer(options: { outDir: string; onBuild: OnBuild }): Promise<Watcher> {
  await writeCompanions(options.outDir);
  const bundle = optionsFor(options.outDir, DEV_BUILD);
  const built = { name: 'container', file: bundle.outfile };
  return watchBundle(built, bundle, sourceFoldersOf('container'), options.onBuild);
}
