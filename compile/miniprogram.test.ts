import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import vm from 'node:vm';
import { parse } from 'acorn';
import { transform } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadBrowserRuntime } from '../local/wechat/browser-runtime.ts';
import { checkWithWeChat } from './browser/wechat-compilers.ts';
import { projectVersion } from './build-id.ts';
import { type BuiltMiniprogram, buildMiniprogram, MAX_MAIN_PACKAGE_BYTES } from './miniprogram.ts';

/** Half of WeChat's limit for the main package: an app that takes the recording pages has room for its own. */
const MAX_UPLOADED_BYTES = 1024 * 1024;

let folder: string;
let built: BuiltMiniprogram;
let files: string[];

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'miniprogram-dist-'));
  built = await buildMiniprogram({ outDir: folder, runtime: await loadBrowserRuntime(), build: 'abc1234' });
  files = fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

const read = (file: string): string => fs.readFileSync(path.join(folder, file), 'utf8');
const exists = (file: string): boolean => fs.existsSync(path.join(folder, file));

test('project.config.json opens the built folder with a base library that has connectContainer', () => {
  const config = JSON.parse(
    fs.readFileSync(new URL('../miniprogram/project.config.json', import.meta.url), 'utf8'),
  ) as { miniprogramRoot: string; libVersion: string };
  expect(config.miniprogramRoot).toBe('dist/');
  const [major = 0, minor = 0] = config.libVersion.split('.').map(Number);
  expect(major * 100 + minor).toBeGreaterThanOrEqual(223);
});

test('the main package is below the limit of WeChat', () => {
  expect(built.bytes).toBe(files.reduce((sum, file) => sum + fs.statSync(path.join(folder, file)).size, 0));
  expect(built.bytes).toBeLessThan(MAX_MAIN_PACKAGE_BYTES);
});

test('what DevTools uploads is at most 1 MB: it minifies the scripts, of which no more is assumed here than white space', async () => {
  const config = JSON.parse(
    fs.readFileSync(new URL('../miniprogram/project.config.json', import.meta.url), 'utf8'),
  ) as { setting: { minified: boolean } };
  expect(config.setting.minified).toBe(true);
  let uploaded = built.bytes;
  for (const file of files.filter((name) => name.endsWith('.js'))) {
    const { code } = await transform(read(file), { minifyWhitespace: true, charset: 'utf8' });
    uploaded += Buffer.byteLength(code) - Buffer.byteLength(read(file));
  }
  expect(uploaded).toBeLessThan(MAX_UPLOADED_BYTES);
});

test('it says which build it is, in the one module that the settings page asks', () => {
  expect(files.filter((file) => read(file).includes('abc1234'))).toEqual(['lib/build.js']);
  expect(read('pages/settings/settings.js')).toContain('require("../../lib/build.js")');
  const module = { exports: {} };
  vm.compileFunction(read('lib/build.js'), ['module', 'exports'])(module, module.exports);
  expect(module.exports).toMatchObject({ BUILD: { version: projectVersion(), build: 'abc1234' } });
});

test('its style sheets scale with the window, and are what the compiler of WeChat takes', async () => {
  const styles = files.filter((file) => file.endsWith('.wxss'));
  expect(read('app.wxss')).toContain('--rpx: calc(100vw / 750)');
  expect(styles.filter((file) => /\drpx/.test(read(file)))).toEqual([]);
  const { diagnostics } = await checkWithWeChat(folder, styles);
  expect(diagnostics).toEqual([]);
});

test('no source, no test and no settings are in it', () => {
  expect(files.filter((file) => /\.ts$|\.test\.|tsconfig|project\.config|\.map$/.test(file))).toEqual([]);
});

test('every page and component has its four parts, and every image of app.json is there', () => {
  const app = JSON.parse(read('app.json')) as { pages: string[] };
  for (const page of app.pages)
    for (const extension of ['js', 'json', 'wxml', 'wxss']) expect(exists(`${page}.${extension}`)).toBe(true);
  const theme = JSON.parse(read('theme.json')) as Record<string, Record<string, string>>;
  const images = Object.values(theme).flatMap((values) =>
    Object.values(values).filter((value) => /\.png$/.test(value)),
  );
  expect(images.length).toBeGreaterThan(0);
  expect(images.filter((image) => !exists(image))).toEqual([]);
});

test('components are found by the rules of WeChat', () => {
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const { usingComponents = {} } = JSON.parse(read(file)) as { usingComponents?: Record<string, string> };
    for (const target of Object.values(usingComponents)) {
      const relative = path.posix.join(path.posix.dirname(file), target);
      const candidates = target.startsWith('/') ? [target.slice(1)] : [relative, `miniprogram_npm/${target}`];
      expect(
        candidates.some((candidate) => exists(`${candidate}.js`)),
        `${file}: ${target}`,
      ).toBe(true);
    }
  }
});

test('our scripts are ES2017 and read as one CommonJS module each', () => {
  for (const file of files.filter((name) => name.endsWith('.js') && !name.startsWith('miniprogram_npm/')))
    expect(() => parse(read(file), { ecmaVersion: 2017, sourceType: 'script' }), file).not.toThrow();
});

test('the app starts: every script loads, finds what it requires, and modules are shared', () => {
  const registered = { App: 0, Page: 0, Component: 0, Behavior: 0 };
  const modules = new Map<string, { exports: unknown }>();
  const context = vm.createContext({
    console,
    setTimeout,
    clearTimeout,
    getApp: () => ({}),
    getCurrentPages: () => [],
  });
  for (const name of Object.keys(registered) as (keyof typeof registered)[])
    context[name] = (definition: unknown) => {
      registered[name] += 1;
      return definition;
    };
  // Widgets ask for the base library's version while they load; our own scripts must not use wx so early.
  const usedByOwn: string[] = [];
  let loading = '';
  context.wx = new Proxy(
    {},
    {
      get: (_target, name) => {
        if (!loading.startsWith('miniprogram_npm/')) usedByOwn.push(`${loading}: wx.${String(name)}`);
        return () => ({ SDKVersion: '3.8.12', platform: 'android', windowWidth: 375 });
      },
    },
  );
  const resolve = (specifier: string, from: string): string => {
    const bases = [path.posix.join(path.posix.dirname(from), specifier)];
    for (let at = path.posix.dirname(from); !specifier.startsWith('.'); at = path.posix.dirname(at)) {
      bases.push(path.posix.join(at, 'miniprogram_npm', specifier));
      if (at === '.') break;
    }
    const found = bases
      .flatMap((base) => [base, `${base}.js`, `${base}/index.js`])
      .find((candidate) => exists(candidate) && candidate.endsWith('.js'));
    if (found === undefined) throw new Error(`${from} requires ${specifier}, which is not in the package`);
    return found;
  };
  const load = (file: string): unknown => {
    const known = modules.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    modules.set(file, module);
    const run = vm.compileFunction(read(file), ['require', 'module', 'exports'], {
      parsingContext: context,
      filename: file,
    });
    const outer = loading;
    loading = file;
    run((specifier: string) => load(resolve(specifier, file)), module, module.exports);
    loading = outer;
    return module.exports;
  };
  load('app.js');
  const { pages } = JSON.parse(read('app.json')) as { pages: string[] };
  const components = files.filter(
    (file) => file.endsWith('.json') && (JSON.parse(read(file)) as { component?: boolean }).component,
  );
  for (const script of [...pages, ...components.map((file) => file.slice(0, -'.json'.length))])
    load(`${script}.js`);
  expect(registered.App).toBe(1);
  expect(registered.Page).toBe(pages.length);
  expect(registered.Component).toBe(components.length);
  const own = files.filter((file) => file.endsWith('.js') && !file.startsWith('miniprogram_npm/'));
  expect(own.filter((file) => !modules.has(file))).toEqual([]);
  expect(usedByOwn).toEqual([]);
});
