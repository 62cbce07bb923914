import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { watchContainer } from './container.ts';
import { functionNames, watchFunctions } from './functions.ts';
import { NODE_BUNDLE, type WatchedBuild, watchBundle } from './node-bundle.ts';

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'watch-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** Collects builds; `next` waits for the first one that has not been taken yet. */
const buildQueue = () => {
  const builds: WatchedBuild[] = [];
  let wake = (): void => {};
  return {
    onBuild: (build: WatchedBuild): void => {
      builds.push(build);
      wake();
    },
    next: async (): Promise<WatchedBuild> => {
      for (;;) {
        const build = builds.shift();
        if (build) return build;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
};

/** A watched bundle of `main.ts`, after its first build. */
async function watchedBundle() {
  const folder = await newFolder();
  const source = join(folder, 'main.ts');
  const outfile = join(folder, 'dist/out.js');
  await mkdir(join(folder, 'dist'));
  await writeFile(source, 'console.log("one");');
  const { onBuild, next } = buildQueue();
  const watcher = await watchBundle(
    { name: 'x', file: outfile },
    { ...NODE_BUNDLE, entryPoints: [source], outfile },
    [folder],
    onBuild,
  );
  onTestFinished(() => watcher.dispose());
  return { folder, source, outfile, next, first: await next() };
}

test('a watched bundle is built again on every change, and an error leaves the last good bundle', async () => {
  const { source, outfile, next, first } = await watchedBundle();
  expect(first).toEqual({ name: 'x', file: outfile, errors: [], tookMs: expect.any(Number) });
  expect(await readFile(outfile, 'utf8')).toContain('"one"');
  expect(await readFile(`${outfile}.map`, 'utf8')).toContain('main.ts');

  await writeFile(source, 'console.log("two"');
  expect((await next()).errors.join()).toContain('main.ts:1:');
  expect(await readFile(outfile, 'utf8')).toContain('"one"');

  await writeFile(source, 'console.log("three");');
  expect((await next()).errors).toEqual([]);
  expect(await readFile(outfile, 'utf8')).toContain('"three"');
});

test('every save that replaces the file is noticed, and a file that was missing when the build failed', async () => {
  const { folder, source, outfile, next } = await watchedBundle();
  for (const word of ['two', 'three', 'four']) {
    await writeFile(`${source}~`, `console.log("${word}");`);
    await rename(`${source}~`, source);
    expect((await next()).errors).toEqual([]);
    expect(await readFile(outfile, 'utf8')).toContain(`"${word}"`);
  }

  await writeFile(source, 'import { five } from "./later/five.ts"; console.log(five);');
  expect((await next()).errors.join()).toContain('later/five.ts');
  await mkdir(join(folder, 'later'));
  await writeFile(join(folder, 'later/five.ts'), 'export const five = "five";');
  // the folder alone may have been built first
  await vi.waitFor(async () => expect((await next()).errors).toEqual([]));
  expect(await readFile(outfile, 'utf8')).toContain('"five"');
});

test('container and functions can be watched; the first build is done when the call returns', async () => {
  const outDir = await newFolder();
  const built: WatchedBuild[] = [];
  const onBuild = (build: WatchedBuild): unknown => built.push(build);
  const container = await watchContainer({ outDir: join(outDir, 'container'), onBuild });
  onTestFinished(() => container.dispose());
  const functions = await watchFunctions({ outDir: join(outDir, 'functions'), onBuild });
  onTestFinished(() => functions.dispose());
  expect(built.map(({ name, errors }) => [name, errors]).sort()).toEqual(
    ['container', ...(await functionNames())].map((name) => [name, []]),
  );
  for (const { file } of built) {
    const code = await readFile(file, 'utf8');
    expect(code).toMatch(/\/\/# sourceMappingURL=index\.js\.map\n$/);
    // not the commit: a commit would be a change of every bundle
    expect(code).toContain('build: "dev"');
    expect(await readFile(join(file, '../package.json'), 'utf8')).toContain('"main": "index.js"');
  }
});
