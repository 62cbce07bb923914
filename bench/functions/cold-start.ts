import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { buildDefine, buildId } from '../../compile/build-id.ts';
import { bundleFunction } from '../../compile/functions.ts';
import { NODE_BUNDLE } from '../../compile/node-bundle.ts';
import { quantilesOf } from '../statistics.ts';
import { FUNCTIONS, type FunctionName } from './actions.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** A function that takes longer to load than this is broken. */
const LOAD_LIMIT_MS = 60_000;

/** Medians over fresh processes, ms. */
export interface ColdStart {
  name: FunctionName;
  runs: number;
  bundledMs: number;
  unbundledMs: number;
}

/** Each function in both forms: the paths of what a process loads. */
export type BothForms = Readonly<Record<FunctionName, { bundled: string; unbundled: string }>>;

/**
 * Builds every function as the project deploys it (`<folder>/bundled/<name>/index.js`), and file by file: what the compiler makes of each
 * source, with the packages as they are installed.
 */
export async function buildBothForms(folder: string): Promise<BothForms> {
  const unbundled = resolve(folder, 'unbundled');
  await rm(unbundled, { recursive: true, force: true });
  await buildUnbundled(unbundled);
  const forms = await Promise.all(
    FUNCTIONS.map(async (name) => [
      name,
      {
        bundled: await bundleFunction(name, resolve(folder, 'bundled', name)),
        unbundled: join(unbundled, 'functions', name, 'index.js'),
      },
    ]),
  );
  return Object.fromEntries(forms) as BothForms;
}

async function buildUnbundled(folder: string): Promise<void> {
  const entries = FUNCTIONS.map((name) => join(ROOT, 'functions', name, 'index.ts'));
  const options = { ...NODE_BUNDLE, format: 'cjs', outdir: folder, define: buildDefine(buildId()) } as const;
  const { metafile } = await build({
    ...options,
    entryPoints: entries,
    packages: 'external',
    metafile: true,
    write: false,
  });
  const sources = Object.keys(metafile.inputs).map((path) => join(ROOT, path));
  await build({ ...options, entryPoints: sources, outbase: ROOT, plugins: [keepAllApart] });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
}

/** Leaves every import to the moment when the code runs. */
const keepAllApart: Plugin = {
  name: 'keep-all-apart',
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ kind, path }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/^(\..*)\.ts$/, '$1.js'), external: true },
    );
  },
};

/** Loads both forms of a function in fresh processes, in turn; the first of each, which fills the file cache, does not count. */
export async function measureColdStart(
  name: FunctionName,
  { bundled, unbundled }: BothForms[FunctionName],
  runs: number,
): Promise<ColdStart> {
  const times = { bundled: [] as number[], unbundled: [] as number[] };
  for (let run = 0; run <= runs; run++) {
    const pair = [
      ['bundled', bundled],
      ['unbundled', unbundled],
    ] as const;
    for (const [form, file] of run % 2 === 0 ? pair : pair.toReversed()) {
      const tookMs = await loadMs(file);
      if (run > 0) times[form].push(tookMs);
    }
  }
  return {
    name,
    runs,
    bundledMs: quantilesOf(times.bundled).p50,
    unbundledMs: quantilesOf(times.unbundled).p50,
  };
}

/** How long a fresh process takes from its first line until it has `exports.main`. */
async function loadMs(file: string): Promise<number> {
  const script = `const t = performance.now();
    if (typeof require(${JSON.stringify(file)}).main !== 'function') throw new Error('no exports.main');
    process.stdout.write(String(performance.now() - t));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
    env: { PATH: process.env.PATH },
    timeout: LOAD_LIMIT_MS,
  });
  return Number(stdout);
}
