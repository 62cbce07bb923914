import { mkdir, mkdtemp, realpath, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Deferred } from '../lib/deferred.ts';
import { watchSourceFiles } from './source-watcher.ts';

/** A watched folder; `next` resolves with the files of the next report. */
async function watchedFolder() {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'source-watcher-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'src/node_modules'), { recursive: true });
  await writeFile(join(folder, 'src/a.ts'), '1');
  await symlink(join(folder, 'src'), join(folder, 'link'));
  let reported = new Deferred<ReadonlySet<string>>();
  const watcher = await watchSourceFiles([join(folder, 'link')], {
    changed: (paths) => reported.resolve(paths),
    failed: (error) => reported.reject(error),
  });
  onTestFinished(() => watcher.close());
  return {
    file: (name: string): string => join(folder, 'src', name),
    watcher,
    next: async (): Promise<string[]> => {
      const paths = await reported.promise;
      reported = new Deferred();
      return [...paths].map((path) => path.slice(folder.length + 1));
    },
  };
}

test('a file is reported however it is saved, each time; also one that is added or removed', async () => {
  const { file, next } = await watchedFolder();
  await writeFile(file('a.ts'), '2');
  expect(await next()).toEqual(['src/a.ts']);
  for (const content of ['3', '4', '5']) {
    await writeFile(file('.a.ts.swp'), content);
    await rename(file('.a.ts.swp'), file('a.ts'));
    expect(await next()).toEqual(['src/a.ts']);
  }
  await writeFile(file('distance.ts'), '1');
  expect(await next()).toEqual(['src/distance.ts']);
  await unlink(file('distance.ts'));
  expect(await next()).toEqual(['src/distance.ts']);
});

test('tests, hidden files, packages and build results are not reported', async () => {
  const { file, next } = await watchedFolder();
  await mkdir(file('dist'));
  for (const name of ['a.test.ts', '.hidden', 'a.ts~', 'node_modules/b.ts', 'dist/c.ts'])
    await writeFile(file(name), '1');
  // the others were written before it, and would be reported with it
  await writeFile(file('last.ts'), '1');
  expect(await next()).toEqual(['src/last.ts']);
});

test('a folder that is not there is refused', async () => {
  const nothing = { changed: () => {}, failed: () => {} };
  await expect(watchSourceFiles([join(tmpdir(), 'no-such-folder')], nothing)).rejects.toThrow('ENOENT');
});
