import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findApp } from './app-folder.ts';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'app-folder-'));
  mkdirSync(join(project, 'dist'));
});
afterEach(() => rmSync(project, { recursive: true }));

test('the folder with app.json is the mini-program, with the packages above it', () => {
  writeFileSync(join(project, 'dist/app.json'), '{}');
  mkdirSync(join(project, 'node_modules'));
  expect(findApp(join(project, 'dist'))).toEqual({
    appDir: join(project, 'dist'),
    nodeModules: join(project, 'node_modules'),
  });
});

test("a project's folder leads to the one that it names", () => {
  writeFileSync(join(project, 'project.config.json'), '{"miniprogramRoot":"dist/"}');
  writeFileSync(join(project, 'dist/app.json'), '{}');
  expect(findApp(project).appDir).toBe(join(project, 'dist/'));
});

test('a folder without a mini-program is refused, also one that was not compiled yet', () => {
  expect(() => findApp(project)).toThrow('没有 app.json');
  writeFileSync(join(project, 'project.config.json'), '{"miniprogramRoot":"dist/"}');
  expect(() => findApp(project)).toThrow(join(project, 'dist'));
});
