import { execFile } from 'node:child_process';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { buildDefine, buildId, DEV_BUILD, projectVersion } from './build-id.ts';
import { NODE_BUNDLE, type OnBuild, sourceFoldersOf, type Watcher, watchBundle } from './node-bundle.ts';

const SOURCE_DIR = fileURLToPath(new URL('../functions/', import.meta.url));
const SHARED_DIR = 'shared';
/** A source that is loaded only when it is imported dynamically, as a file of its own beside `index.js`. */
const LAZY_SOURCE = /\.lazy\.ts$/;
/** A function that takes longer to load than this is broken. */
const COLD_START_LIMIT_MS = 30_000;

export interface BuiltFunction {
  name: string;
  /** Size of `index.js`. */
  bytes: number;
  /** Time that a fresh process takes to load it. */
  coldStartMs: number;
}

/** Names of all cloud functions: the folders with an `index.ts`. */
export async function functionNames(): Promise<string[]> {
  const entries = await readdir(SOURCE_DIR, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== SHARED_DIR)
    .map(({ name }) => name)
    .sort();
}

/**
 * Builds each cloud function into `<outDir>/<name>/`: one `index.js` (CommonJS) that holds all its dependencies, so
 * that a deployment installs nothing, and a `package.json`. A source `<part>.lazy.ts` in the function's folder becomes
 * `<part>.lazy.js` beside it, with the dependencies that it alone has: a cold start does not load them.
 * @param options.names all functions when left out
 * @param options.sourcemap also write `index.js.map`
 * @param options.build the id that they show
 */
export async function buildFunctions({
  outDir,
  names,
  sourcemap = false,
  build: id = buildId(),
}: {
  outDir: string;
  names?: readonly string[];
  sourcemap?: boolean;
  build?: string;
}): Promise<BuiltFunction[]> {
  const built: BuiltFunction[] = [];
  for (const name of names ?? (await functionNames())) {
    const file = await bundleFunction(name, resolve(outDir, name), { sourcemap, build: id });
    built.push({ name, bytes: (await stat(file)).size, coldStartMs: await coldStart(file) });
  }
  return built;
}

/** Only bundles one function into `folder`, without loading it. @returns the path of `index.js` */
export async function bundleFunction(
  name: string,
  folder: string,
  { sourcemap = false, build: id = buildId() }: { sourcemap?: boolean; build?: string } = {},
): Promise<string> {
  await build({ ...(await optionsFor(name, folder, id)), sourcemap });
  await writeManifest(name, folder);
  return mainFile(folder);
}

/**
 * Bundles all functions into `<outDir>/<name>/` with source maps, each again whenever one of its sources changes.
 * Resolves once `onBuild` has been called for the first build of each.
 */
export async function watchFunctions(options: { outDir: string; onBuild: OnBuild }): Promise<Watcher> {
  const watchers = await Promise.all(
    (await functionNames()).map(async (name) => {
      const folder = resolve(options.outDir, name);
      await writeManifest(name, folder);
      const bundle = await optionsFor(name, folder, DEV_BUILD);
      const built = { name, file: mainFile(folder) };
      return watchBundle(built, bundle, sourceFoldersOf('functions'), options.onBuild);
    }),
  );
  return {
    dispose: async () => {
      await Promise.all(watchers.map((watcher) => watcher.dispose()));
    },
  };
}

const mainFile = (folder: string): string => join(folder, 'index.js');

async function optionsFor(name: string, folder: string, id: string) {
  const sources = await readdir(join(SOURCE_DIR, name));
  const entries = ['index.ts', ...sources.filter((source) => LAZY_SOURCE.test(source)).sort()];
  return {
    ...NODE_BUNDLE,
    define: buildDefine(id),
    entryPoints: entries.map((source) => join(SOURCE_DIR, name, source)),
    outdir: folder,
    format: 'cjs',
    plugins: [keepLazyApart],
  } satisfies BuildOptions;
}

/** Leaves dynamic imports of lazy sources to the moment when they are asked for. */
const keepLazyApart: Plugin = {
  name: 'keep-lazy-apart',
  setup({ onResolve }) {
    onResolve({ filter: LAZY_SOURCE }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${basename(path, '.ts')}.js`, external: true } : undefined,
    );
  },
};

async function writeManifest(name: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const manifest = { name, version: projectVersion(), private: true, type: 'commonjs', main: 'index.js' };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Loads the bundle the way the platform does, in a process of its own. */
async function coldStart(file: string): Promise<number> {
  const script = `const t=performance.now();const f=require(${JSON.stringify(file)});
    if(typeof f.main!=='function')throw new Error('no exports.main');
    process.stdout.write(String(performance.now()-t))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
    timeout: COLD_START_LIMIT_MS,
  });
  return Math.round(Number(stdout));
}

/** One line a function, for people. */
export const describeBuilt = ({ name, bytes, coldStartMs }: BuiltFunction): string =>
  `云函数 ${name.padEnd(10)} ${(bytes / 1024).toFixed(0).padStart(6)} KB   冷启动 ${coldStartMs} ms`;
