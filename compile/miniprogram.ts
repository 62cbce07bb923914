import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import postcss from 'postcss';
import { type BuiltApp, buildBrowserApp } from './browser/app.ts';
import type { BrowserRuntime } from './browser/runtime.ts';
import { scaledRpx } from './browser/wxss-value.ts';
import { buildDefine, buildId } from './build-id.ts';
import { workspaceSources } from './workspaces.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SOURCE = path.join(ROOT, 'miniprogram');
const CONTRACT = path.join(ROOT, 'contract');
const LIB = path.join(ROOT, 'lib');
const NODE_MODULES = `${path.sep}node_modules${path.sep}`;

/** WeChat's limit for the main package. */
export const MAX_MAIN_PACKAGE_BYTES = 2 * 1024 * 1024;

/** Modules of the contract that may run on the phone: the others bring a schema library of 100 KB along. */
const PHONE_CONTRACT = new Set([
  'errors.ts',
  'limits.ts',
  'engines.ts',
  'day.ts',
  'records.ts',
  'text.ts',
  'paragraphs.ts',
  'audio-file.ts',
]);

/** Settings of the source folder that are no part of the package. */
const NOT_SHIPPED = /(^|\/)(tsconfig(\.\w+)?|project(\.private)?\.config|package|privacy)\.json$/;
const ASSET = /\.(json|png|jpe?g|gif|svg|webp)$/;

export interface BuiltMiniprogram {
  folder: string;
  /** All files of the main package. */
  bytes: number;
  /** Bytes by top folder, largest first. */
  parts: [name: string, bytes: number][];
  notes: string[];
}

const checkContract = (importers: BuiltApp['importers']): void => {
  for (const [file, from] of importers) {
    const name = path.relative(CONTRACT, file);
    if (name.startsWith('..') || PHONE_CONTRACT.has(name)) continue;
    const outside = from.filter((importer) => !importer.startsWith(CONTRACT + path.sep));
    if (outside.length === 0) continue;
    const places = outside.map((importer) => path.relative(ROOT, importer)).join('、');
    throw new Error(
      `${places} 在运行时引用了 contract/${name}：小程序运行时只能引用 ${[...PHONE_CONTRACT].join('、')}，其余请用 import type`,
    );
  }
};

/** Where a file of the app goes in the package. */
const targetOf = (file: string): string => {
  if (file.startsWith(SOURCE + path.sep)) return path.relative(SOURCE, file);
  for (const shared of [CONTRACT, LIB])
    if (file.startsWith(shared + path.sep)) return path.relative(ROOT, file);
  const start = file.lastIndexOf(NODE_MODULES);
  if (start < 0) throw new Error(`小程序引用了目录之外的文件 ${path.relative(ROOT, file)}`);
  const [scope = '', ...rest] = file.slice(start + NODE_MODULES.length).split(path.sep);
  const name = scope.startsWith('@') ? `${scope}/${rest.shift()}` : scope;
  const manifest = path.join(file.slice(0, start), 'node_modules', name, 'package.json');
  const { miniprogram } = JSON.parse(fs.readFileSync(manifest, 'utf8')) as { miniprogram?: string };
  const [folder, ...below] = rest;
  if (miniprogram === undefined || folder !== miniprogram.replace(/\/$/, ''))
    throw new Error(`npm 包 ${name} 不是小程序包，不能在小程序中使用`);
  return path.join('miniprogram_npm', name, ...below);
};

const toJs = (file: string): string => file.replace(/\.ts$/, '.js');

/**
 * Compiles one script to CommonJS for the phone's engine. Modules are not bundled: a bundle per page would hold its own copy
 * of every shared module, and with it a second connection and a second recorder.
 */
const compileScript = async (
  file: string,
  target: string,
  define: Record<string, string>,
): Promise<string> => {
  const { code } = await transform(fs.readFileSync(file, 'utf8'), {
    loader: file.endsWith('.ts') ? 'ts' : 'js',
    format: 'cjs',
    target: 'es2017',
    sourcefile: path.relative(ROOT, file),
    define: { 'process.env.NODE_ENV': '"production"', ...define },
  });
  const sources = workspaceSources();
  return code.replace(/\brequire\("([^"]+)"\)/g, (whole, specifier: string) => {
    const own = specifier.startsWith('.') && specifier.endsWith('.ts');
    const source = own ? path.resolve(path.dirname(file), specifier) : sources.get(specifier);
    if (source === undefined) return whole;
    const imported = targetOf(source);
    const relative = path.posix.relative(path.dirname(target), toJs(imported));
    return `require(${JSON.stringify(relative.startsWith('.') ? relative : `./${relative}`)})`;
  });
};

/** A style sheet for WeChat: as it is written, but with rpx by {@link scaledRpx}. */
const compileStyle = (file: string): string => {
  const root = postcss.parse(fs.readFileSync(file, 'utf8'), { from: file });
  root.walkDecls((declaration) => {
    declaration.value = scaledRpx(declaration.value, declaration.prop);
  });
  return root.toString();
};

const assets = (folder: string): string[] =>
  fs.readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    const relative = path.relative(SOURCE, file);
    const outside = /(^|\/)(dist|node_modules|miniprogram_npm)\/|^(client|voice)\//.test(relative);
    return entry.isFile() && ASSET.test(relative) && !outside && !NOT_SHIPPED.test(relative) ? [file] : [];
  });

const sizes = (folder: string): Map<string, number> => {
  const parts = new Map<string, number>();
  for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const [top = ''] = path.relative(folder, file).split(path.sep);
    parts.set(top, (parts.get(top) ?? 0) + fs.statSync(file).size);
  }
  return parts;
};

/** The browser's build knows every file that the app reaches, and applies all checks on the way. */
const collect = async (runtime: BrowserRuntime): Promise<BuiltApp> => {
  const outDir = fs.mkdtempSync(path.join(os.tmpdir(), 'miniprogram-check-'));
  try {
    return await buildBrowserApp({ appDir: SOURCE, outDir, runtime });
  } finally {
    fs.rmSync(outDir, { recursive: true, force: true });
  }
};

/**
 * Makes `miniprogram/` openable in WeChat DevTools: `miniprogram/dist/` gets CommonJS scripts, the modules of the
 * contract and of lib, and of each npm package only the files that are used (`project.config.json` names `dist/` as the program's root).
 * @param options.runtime what the checks of `wx.*` and tags are made against
 * @param options.build the id that the settings page shows
 * @throws {BuildError} on what does not compile, and Error when the main package is 2 MB or more.
 */
export const buildMiniprogram = async ({
  runtime,
  outDir = path.join(SOURCE, 'dist'),
  build = buildId(),
}: {
  runtime: BrowserRuntime;
  outDir?: string;
  build?: string;
}): Promise<BuiltMiniprogram> => {
  const { files, notes, importers } = await collect(runtime);
  checkContract(importers);
  fs.rmSync(outDir, { recursive: true, force: true });
  const define = buildDefine(build);
  for (const file of new Set([...files, ...assets(SOURCE)])) {
    const target = path.join(outDir, toJs(targetOf(file)));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    if (/\.(ts|js)$/.test(file))
      fs.writeFileSync(target, await compileScript(file, path.relative(outDir, target), define));
    else if (file.endsWith('.wxss')) fs.writeFileSync(target, compileStyle(file));
    else fs.copyFileSync(file, target);
  }
  const parts = [...sizes(outDir)].sort(([, left], [, right]) => right - left);
  const bytes = parts.reduce((sum, [, size]) => sum + size, 0);
  if (bytes >= MAX_MAIN_PACKAGE_BYTES)
    throw new Error(`小程序主包 ${(bytes / 1024).toFixed(0)} KB，超过微信的 2 MB 上限`);
  return { folder: outDir, bytes, parts, notes };
};
