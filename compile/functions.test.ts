import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltFunction, buildFunctions, describeBuilt, functionNames } from './functions.ts';
import { functionFiles } from './testing/function-files.ts';

/** What one file may weigh: all dependencies are in it. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The library that makes DOCX files, with everything that it needs. */
const MAX_LAZY_CHARS = 2_000_000;

let outDir: string;
let built: BuiltFunction[];
beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), 'build-'));
  built = await buildFunctions({ outDir });
});
afterAll(() => rm(outDir, { recursive: true, force: true }));

const codeOf = (name: string) => readFile(join(outDir, name, 'index.js'), 'utf8');

test('every cloud function is built, and nothing else', async () => {
  expect(await functionNames()).toEqual(['history', 'recognize', 'stats', 'ticket']);
  expect(built.map(({ name }) => name)).toEqual(await functionNames());
  expect((await readdir(outDir)).sort()).toEqual(await functionNames());
});

test('a function is one file and a manifest, and loads in a place without any packages', async () => {
  for (const { name, bytes, coldStartMs } of built) {
    expect((await readdir(join(outDir, name))).sort()).toEqual(functionFiles(name));
    expect(bytes).toBeLessThan(MAX_BYTES);
    expect(coldStartMs).toBeGreaterThan(0);
    const script = `const f=require(${JSON.stringify(join(outDir, name))});f.main({})`;
    const output = execFileSync(process.execPath, ['-e', script], { cwd: outDir, env: {}, encoding: 'utf8' });
    expect(JSON.parse(output)).toMatchObject({ fn: name, code: 'UNAUTHENTICATED' });
  }
});

test('no function carries the sources of another, of the container or of the local cloud', async () => {
  for (const { name } of built) {
    const sources = Array.from(
      (await codeOf(name)).matchAll(/^\/\/ (functions|container|local|miniprogram)\/([\w-]+)/gm),
    );
    const folders = new Set(sources.map(([, top, folder]) => `${top}/${folder}`));
    expect([...folders].sort()).toEqual([`functions/${name}`, 'functions/shared'].sort());
  }
});

test('what history loads late is not in its main file, and works without any packages too', async () => {
  const folder = join(outDir, 'history');
  const [main, lazy] = await Promise.all(
    ['index.js', 'docx.lazy.js'].map((file) => readFile(join(folder, file), 'utf8')),
  );
  expect(main).toContain('import("./docx.lazy.js")');
  for (const text of ['wordprocessingml/2006/main', '// node_modules/docx/']) {
    expect(main).not.toContain(text);
    expect(lazy).toContain(text);
  }
  expect(lazy?.length).toBeLessThan(MAX_LAZY_CHARS);
  const script = `import(${JSON.stringify(join(folder, 'docx.lazy.js'))})
    .then(({ makeDocx }) => makeDocx({ title: '题', about: '', paragraphs: [] }))
    .then((bytes) => process.stdout.write(Buffer.from(bytes.slice(0, 2)).toString()))`;
  expect(execFileSync(process.execPath, ['-e', script], { cwd: outDir, env: {}, encoding: 'utf8' })).toBe(
    'PK',
  );
});

test('only recognize carries the recogniser’s client, and only its one service', async () => {
  for (const { name } of built) {
    const code = await codeOf(name);
    expect([name, code.includes('SentenceRecognition')]).toEqual([name, name === 'recognize']);
    const services = Array.from(
      code.matchAll(/super\("([\w.]+)\.tencentcloudapi\.com"/g),
      (match) => match[1],
    );
    expect(services).toEqual(name === 'recognize' ? ['asr'] : []);
  }
});

test('a built function is described in one line for people', () => {
  expect(describeBuilt({ name: 'stats', bytes: 2_048, coldStartMs: 120 })).toMatch(
    /stats +2 KB +冷启动 120 ms/,
  );
});
