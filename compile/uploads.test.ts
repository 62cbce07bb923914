import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { functionNames } from './functions.ts';
import { functionFiles } from './testing/function-files.ts';
import { buildUploads } from './uploads.ts';

test('nothing that lies in the folders is uploaded with what is built into them', async () => {
  const root = mkdtempSync(join(tmpdir(), 'uploads-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const planted = [
    'dist/container/.env',
    'dist/container/old.js',
    'dist/functions/.env',
    'dist/functions/gone/index.js',
  ];
  for (const path of planted) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), 'PLANTED=1\n');
  }
  await buildUploads(root);
  expect(readdirSync(join(root, 'dist/container')).sort()).toEqual([
    'Dockerfile',
    'index.js',
    'package.json',
  ]);
  expect(readdirSync(join(root, 'dist/functions')).sort()).toEqual(await functionNames());
  for (const name of await functionNames()) {
    expect(readdirSync(join(root, 'dist/functions', name)).sort()).toEqual(functionFiles(name));
  }
});
