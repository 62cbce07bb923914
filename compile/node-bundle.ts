import { rename, writeFile } from 'node:fs/promises';
import { type BuildOptions, type BuildResult, context, formatMessages, type OutputFile } from 'esbuild';

/** What the container and the cloud functions have in common: one file for the oldest Node that we support. */
export const NODE_BUNDLE = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // names and lines stay as they are: stack traces in the platform's log must be readable
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'silent',
} as const satisfies BuildOptions;

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
 */
export async function watchBundle(
  name: string,
  options: BuildOptions & { outfile: string },
  onBuild: OnBuild,
): Promise<Watcher> {
  let disposed = false;
  let markBuilt = (): void => {};
  const firstBuild = new Promise<void>((resolve) => {
    markBuilt = resolve;
  });
  let startedAt = 0;
  const report = async (result: BuildResult): Promise<void> => {
    if (result.errors.length === 0) for (const file of result.outputFiles ?? []) await replaceFile(file);
    const errors = await formatMessages(result.errors, { kind: 'error' });
    if (!disposed)
      onBuild({ name, file: options.outfile, errors, tookMs: Math.round(performance.now() - startedAt) });
    markBuilt();
  };
  const watching = await context({
    ...options,
    sourcemap: true,
    // esbuild itself would delete the last good bundle when a build fails
    write: false,
    plugins: [
      ...(options.plugins ?? []),
      {
        name: 'report',
        setup: (build) => {
          build.onStart(() => {
            startedAt = performance.now();
          });
          build.onEnd(report);
        },
      },
    ],
  });
  await watching.watch();
  await firstBuild;
  return {
    dispose: () => {
      disposed = true;
      return watching.dispose();
    },
  };
}

/** Replaces a file in one step: a reader gets the old content or the new one, never a part. */
async function replaceFile({ path, contents }: OutputFile): Promise<void> {
  const unfinished = `${path}.unfinished`;
  await writeFile(unfinished, contents);
  await rename(unfinished, path);
}
