import { execFile } from 'node:child_process';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/** The cloud functions, in the order in which they are built. */
const SOURCE_DIR = fileURLToPath(new URL('../functions/', import.meta.url));
const SHARED_DIR = 'shared';
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
 * that a deployment installs nothing, and a `package.json`.
 * @param names all functions when left out
 */
export async function buildFunctions({
  outDir,
  names,
}: {
  outDir: string;
  names?: readonly string[];
}): Promise<BuiltFunction[]> {
  const built: BuiltFunction[] = [];
  for (const name of names ?? (await functionNames()))
    built.push(await buildFunction(name, resolve(outDir, name)));
  return built;
}

async function buildFunction(name: string, folder: string): Promise<BuiltFunction> {
  const file = await bundleFunction(name, folder);
  return { name, bytes: (await stat(file)).size, coldStartMs: await coldStart(file) };
}

/** Only bundles. @returns the path of `index.js` */
export async function bundleFunction(name: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, 'index.js');
  await build({
    entryPoints: [join(SOURCE_DIR, name, 'index.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // names and lines stay as they are: stack traces in the platform's log must be readable
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  const manifest = { name, version: '1.0.0', private: true, type: 'commonjs', main: 'index.js' };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return outfile;
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
