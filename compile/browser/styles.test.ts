import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SourcePaths } from './paths.ts';
import { StyleCompiler } from './styles.ts';

describe('WXSS becomes CSS', () => {
  let folder: string;

  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wechat-styles-'));
  });
  afterAll(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const compile = (source: string, scope = '', placeholders: string[] = []): string => {
    const file = path.join(folder, 'a.wxss');
    fs.writeFileSync(file, source);
    const paths = new SourcePaths(folder, path.join(folder, 'node_modules'));
    return new StyleCompiler(paths, new Set(placeholders))
      .compile(fs.realpathSync(file), scope)
      .replace(/\s+/g, ' ')
      .trim();
  };

  test('rpx counts 750ths of the width, also negative ones and fractions', () => {
    expect(compile('.a { margin: -10.5rpx .5rpx }')).toBe(
      '.a { margin: calc(var(--rpx) * -10.5) calc(var(--rpx) * .5) }',
    );
  });

  test("sizes of text grow with the user's setting, those of the widgets included", () => {
    const size = (value: number) => `calc(var(--rpx) * ${value} * var(--text-scale, 1))`;
    expect(
      compile('.a { font-size: 30rpx; line-height: 1.5; --td-font-body: 28rpx / 44rpx x; width: 2rpx }'),
    ).toBe(
      `.a { font-size: ${size(30)}; line-height: 1.5; --td-font-body: ${size(28)} / ${size(44)} x; width: calc(var(--rpx) * 2) }`,
    );
  });

  test("vh is the page's own height, and safe areas are the simulated phone's", () => {
    expect(compile('.a { height: calc(100vh - env(safe-area-inset-bottom)) }')).toBe(
      '.a { height: calc(100cqh - var(--safe-area-bottom)) }',
    );
  });

  test("a component's classes get its scope, :host becomes its host element", () => {
    expect(compile(':host(.big) .a.b > text, .c { color: red }', 's1')).toBe(
      '[wx-host="s1"].s1--big .s1--a.s1--b > text, .s1--c { color: red }',
    );
  });

  test('numbers with a dot are no classes, and keyframes keep their names', () => {
    expect(compile('@keyframes k { 12.5% { opacity: .5 } }', 's1')).toBe(
      '@keyframes k { 12.5% { opacity: .5 } }',
    );
  });

  test('a colour scheme follows the button of the host, without more weight', () => {
    expect(compile('@media (prefers-color-scheme: dark) { .a, page { color: red } }')).toBe(
      ':where(:root[data-theme="dark"]) .a, :where(:root[data-theme="dark"]) page { color: red }',
    );
  });

  test("rules for a placeholder's class hold for the browser's own placeholder", () => {
    expect(compile('.a .hint, .hinted, page { color: red }', 's1', ['hint'])).toBe(
      '.s1--a .s1--hint, .s1--a [placeholder-class~="hint"]::placeholder, .s1--hinted, page { color: red }',
    );
  });

  test('imports are put in place once, even when they go in a circle', () => {
    fs.writeFileSync(path.join(folder, 'b.wxss'), '@import "./a.wxss"; .b { color: blue }');
    expect(compile('@import "./b.wxss"; .a { color: red }')).toBe('.b { color: blue } .a { color: red }');
  });
});
