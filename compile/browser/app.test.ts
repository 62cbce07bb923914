import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadBrowserRuntime } from '../../local/wechat/browser-runtime.ts';
import { buildBrowserApp } from './app.ts';
import { BuildError } from './diagnostics.ts';

/** An app with one page, as files by path. */
const APP: Record<string, string> = {
  'app.json': '{"pages":["pages/a/a"]}',
  'app.ts': 'App({});',
  'pages/a/a.ts': 'Page({ data: { n: 1 } });',
  'pages/a/a.json': '{}',
  'pages/a/a.wxml': '<view>{{n}}</view>',
};

describe('the build refuses what would fail on a phone', () => {
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wechat-build-'));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const build = async (changes: Record<string, string> = {}, foreign = false) => {
    const appDir = path.join(folder, 'app');
    for (const [name, text] of Object.entries({ ...APP, ...changes })) {
      const file = path.join(appDir, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
    return buildBrowserApp({
      appDir,
      outDir: path.join(folder, 'out'),
      runtime: await loadBrowserRuntime(),
      foreign,
    });
  };
  const problems = async (changes: Record<string, string>): Promise<string[]> => {
    const error = await build(changes).then(
      () => new Error('it was built'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof BuildError)) throw error;
    return error.diagnostics.map(({ file, line, message }) => `${file}:${line} ${message}`);
  };

  test('a sound app is built, and its files are listed', async () => {
    const { components, files } = await build();
    expect(components).toBe(1);
    expect(files.map((file) => path.basename(file)).sort()).toEqual([
      'a.json',
      'a.ts',
      'a.wxml',
      'app.json',
      'app.ts',
    ]);
  });

  test('a wx method that the host lacks', async () => {
    const source =
      "const { getBLEDeviceRSSI } = wx; wx.showToast({ title: 'wx.notCode' }); wx.cloud.teleport(); Page({});";
    const found = await problems({ 'pages/a/a.ts': source });
    expect(found).toEqual([
      expect.stringContaining('pages/a/a.ts:0 wx.getBLEDeviceRSSI'),
      expect.stringContaining('pages/a/a.ts:0 wx.cloud.teleport'),
    ]);
  });

  test('what an app adds to wx itself is there', async () => {
    const source = "import '../../runtime.js'; wx.createPage({}); wx.queue = wx.queue || [];";
    await build({ 'pages/a/a.ts': source, 'runtime.js': 'wx.createPage = Page;' });
  });

  test("what the host lacks for another's app is told", async () => {
    const changes = { 'pages/a/a.ts': 'wx.startBeaconDiscovery({}); Page({});', 'pages/a/a.wxml': '<map />' };
    const { notes } = await build(changes, true);
    expect(notes).toEqual([
      expect.stringContaining('wx.startBeaconDiscovery'),
      expect.stringContaining('pages/a/a.wxml:1 <map>'),
    ]);
    await expect(build({ 'pages/a/a.ts': "import './none.ts'; Page({});" }, true)).rejects.toThrow('none.ts');
  });

  test('a package.json around the app makes no ES modules of its scripts', async () => {
    fs.writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
    await build({ 'app.ts': "App({ v: require('./v.js').v });", 'v.js': 'exports.v = 1;' });
    const code = fs.readFileSync(path.join(folder, 'out/app.js'), 'utf8');
    expect(code).toMatch(/__commonJS\(\{\s*"[^"]*\/v\.js"/);
  });

  test("the copies that 「构建 npm」 has made go before the packages' own files", async () => {
    const { files } = await build({
      'pages/a/a.json': '{"usingComponents":{"x-y":"pack/x/x"}}',
      'pages/a/a.wxml': '<x-y />',
      'miniprogram_npm/pack/x/x.js': 'Component({});',
      'miniprogram_npm/pack/x/x.json': '{"component":true}',
      'miniprogram_npm/pack/x/x.wxml': '<view></view>',
    });
    expect(files.some((file) => file.endsWith('app/miniprogram_npm/pack/x/x.js'))).toBe(true);
  });

  test('a wx method in a module that a page imports', async () => {
    const found = await problems({
      'pages/a/a.ts': "import { go } from '../../utils/go.ts'; Page({ go });",
      'utils/go.ts': 'export const go = () => wx.startBeaconDiscovery({});',
    });
    expect(found).toEqual([expect.stringContaining('utils/go.ts:0 wx.startBeaconDiscovery')]);
  });

  test('a function of the standard library that phones with the minimum base library do not have', async () => {
    const found = await problems({
      'pages/a/a.ts': "import { last } from '../../utils/last.ts'; Page({ last });",
      'utils/last.ts': [
        'const asked = Object.entries && !![].at;',
        'export const last = (list: number[], own: object) => asked && Object.hasOwn(own, 0)',
        '  ? list.at(-1)',
        "  : 'a'.replaceAll('a', 'b');",
      ].join('\n'),
    });
    expect(found.map((text) => text.slice(0, text.indexOf(' 高于')))).toEqual([
      'utils/last.ts:0 Object.hasOwn',
      'utils/last.ts:0 .at',
      'utils/last.ts:0 .replaceAll',
    ]);
  });

  test('a warning of the template compiler in our own file', async () => {
    expect(await problems({ 'pages/a/a.wxml': '<view>\n<text>' })).toContainEqual(
      expect.stringMatching(/^pages\/a\/a\.wxml:\d missing end tag/),
    );
  });

  test('a tag that is no component and not built in', async () => {
    expect(await problems({ 'pages/a/a.wxml': '<view>\n  <movable-area />\n</view>' })).toContainEqual(
      expect.stringContaining('pages/a/a.wxml:2 <movable-area>'),
    );
  });

  test('an import that does not exist, in a script and in a style sheet', async () => {
    expect(await problems({ 'pages/a/a.ts': "import './none.ts'; Page({});" })).toEqual([
      expect.stringContaining('Could not resolve "./none.ts"'),
    ]);
    expect(await problems({ 'pages/a/a.wxss': '\n@import "./none.wxss";' })).toContain(
      'pages/a/a.wxss:2 @import 的 ./none.wxss 不存在',
    );
  });

  test('a page that app.json names and nobody wrote', async () => {
    await expect(build({ 'app.json': '{"pages":["pages/a/a","pages/b/b"]}' })).rejects.toThrow('pages/b/b');
  });

  test.runIf(process.platform === 'linux' && process.arch === 'x64')(
    "what WeChat's own compilers reject although a browser would take it",
    async () => {
      expect(await problems({ 'pages/a/a.wxml': '<view>{{n ?? 1}}</view>' })).toEqual([
        expect.stringMatching(/^pages\/a\/a\.wxml:1 .*unexpected token `\?`/),
      ]);
      const wxs = '<wxs src="./m.wxs" module="m"></wxs><view>{{m.f()}}</view>';
      expect(
        await problems({ 'pages/a/a.wxml': wxs, 'pages/a/m.wxs': 'module.exports = { f: () => 1 };' }),
      ).toEqual([expect.stringMatching(/m\.wxs:1 .*[Uu]nexpected token/)]);
    },
  );
});
