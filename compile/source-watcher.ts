import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { watch } from 'chokidar';

/** Changes that follow each other within this are reported together, ms: an editor writes a file in several steps. */
const SETTLE_MS = 120;
const NOT_A_SOURCE = /(^|[/\\])((node_modules|miniprogram_npm|dist)([/\\]|$)|\.)|\.test\.ts$|~$/;

export interface SourceWatcher {
  /** Reports no further change. */
  close(): Promise<void>;
}

/**
 * Reports which files in some folders have been written, added or removed, whichever way the editor saves them. Tests,
 * build results, installed packages and hidden files are no sources. Resolves once every later change is noticed.
 * @param on.changed is given the changed files' absolute paths, symbolic links resolved
 * @param on.failed from now on changes may be missed
 * @throws Error when the folders cannot be watched
 */
export async function watchSourceFiles(
  folders: readonly string[],
  on: { changed: (paths: ReadonlySet<string>) => void; failed: (error: Error) => void },
): Promise<SourceWatcher> {
  const roots = folders.map((folder) => realpathSync(folder));
  const isIgnored = (path: string): boolean => {
    const root = roots.find((one) => path.startsWith(one));
    return root !== undefined && NOT_A_SOURCE.test(relative(root, path));
  };
  const watcher = watch(roots, { ignoreInitial: true, ignored: isIgnored });
  let changed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  watcher.on('all', (_event, path) => {
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const paths = changed;
      changed = new Set();
      on.changed(paths);
    }, SETTLE_MS);
  });
  const failure = (cause: unknown): Error =>
    new Error(`不能监视源码的改动：${(cause as Error).message}`, { cause });
  try {
    // rejects if there is an error before
    await once(watcher, 'ready');
  } catch (cause) {
    await watcher.close();
    throw failure(cause);
  }
  watcher.on('error', (cause) => on.failed(failure(cause)));
  return {
    close: async () => {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
