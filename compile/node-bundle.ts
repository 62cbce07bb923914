import { rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type BuildContext,
  type BuildFailure,
  type BuildOptions,
  context,
  formatMessages,
  type OutputFile,
} from 'esbuild';
import { CoalescedTask } from '../lib/coalesced-task.ts';
import { Deferred } from '../lib/deferred.ts';
import { watchSourceFiles } from './source-watcher.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** What the container and the cloud functions have in common: one file for the oldest Node that we support. */
export const NODE_BUNDLE = {
  // the bundle names its sources relative to it: the same bytes from whichever folder a build is started
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // names and lines stay as they are: stack traces in the platform's log must be readable
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'silent',
} as const satisfies BuildOptions;

/** Absolute paths of the folders that a bundle of this one, `container` or `functions`, takes its sources from. */
export const sourceFoldersOf = (folder: string): string[] =>
  [folder, 'contract', 'lib', 'records'].map((name) => join(ROOT, name));

/** One finished build of a bundle that is being watched. */
export interface WatchedBuild {
  /** `container`, or the function's name. */
  name: string;
  /** The bundle. After a build with errors it still holds what was built before. */
  file: string;
  /** esbuild's messages with place and source line; none when the build succeeded. */
  errors: string[];
  /** How long the build took. */
  tookMs: number;
}

export type OnBuild = (build: WatchedBuild) => void;

export interface Watcher {
  /** Stops watching. A build that is under way is not reported any more. */
  dispose(): Promise<void>;
}

/**
 * Builds, then builds again whenever one of the sources changes, with a source map beside the bundle.
 * Returns once the first build has been reported to `onBuild`, whether it succeeded or not.
 *
 * esbuild's own watch mode is not used: its service process, which watches by itself, asks every second whether we are
 * still there, and when we are killed (SIGKILL) before we have answered, it waits for the answer for ever. One that does
 * not watch exits in that state too.
 * @param folders where the sources are
 */
export async function watchBundle(
  { name, file }: Pick<WatchedBuild, 'name' | 'file'>,
  options: BuildOptions,
  folders: readonly string[],
  onBuild: OnBuild,
): Promise<Watcher> {
  // esbuild itself would delete the last good bundle when a build fails
  const bundle = await context({ ...options, sourcemap: true, metafile: true, write: false });
  let disposed = false;
  /** What the last build read; undefined: there is none, or it failed, so that any file may mend it. */
  let inputs: ReadonlySet<string> | undefined;
  let changed: string[] = [];
  const firstBuild = new Deferred<void>();
  const report = (errors: string[], tookMs: number): void => {
    if (!disposed) onBuild({ name, file, errors, tookMs });
  };
  const task = new CoalescedTask(async () => {
    const paths = changed;
    changed = [];
    if (inputs && !paths.some((path) => inputs?.has(path))) return;
    const startedAt = performance.now();
    const built = await rebuild(bundle);
    inputs = built.inputs;
    report(built.errors, Math.round(performance.now() - startedAt));
    firstBuild.resolve();
  });
  const watcher = await watchSourceFiles(folders, {
    changed: (paths) => {
      changed.push(...paths);
      task.trigger();
    },
    failed: (error) => report([error.message], 0),
  });
  task.trigger();
  await firstBuild.promise;
  return {
    dispose: async () => {
      disposed = true;
      await watcher.close();
      await task.stop();
      await bundle.dispose();
    },
  };
}

/** @returns the absolute paths of what was built, or the messages of what prevented it */
async function rebuild(
  bundle: BuildContext<{ metafile: true; write: false }>,
): Promise<{ inputs: ReadonlySet<string> | undefined; errors: string[] }> {
  try {
    const { outputFiles, metafile } = await bundle.rebuild();
    for (const file of outputFiles) await replaceFile(file);
    return { inputs: new Set(Object.keys(metafile.inputs).map((path) => resolve(ROOT, path))), errors: [] };
  } catch (cause) {
    const messages = (cause as Partial<BuildFailure>).errors;
    if (!messages) return { inputs: undefined, errors: [String(cause)] };
    return { inputs: undefined, errors: await formatMessages(messages, { kind: 'error' }) };
  }
}

/** Replaces a file in one step: a reader gets the old content or the new one, never a part. */
async function replaceFile({ path, contents }: OutputFile): Promise<void> {
  const unfinished = `${path}.unfinished`;
  await writeFile(unfinished, contents);
  await rename(unfinished, path);
}
