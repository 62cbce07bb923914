import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metafile } from 'esbuild';
import { appScriptOf, bundle, bundleRuntimeScripts } from './bundle.ts';
import { type AppSource, findComponents } from './components.ts';
import {
  BuildError,
  blockingDiagnostics,
  type Diagnostic,
  formatDiagnostic,
  isError,
} from './diagnostics.ts';
import { isFile, NPM_PREFIX, SourcePaths } from './paths.ts';
import type { BrowserRuntime } from './runtime.ts';
import { checkLibraryLevel, checkTags, checkWxUsage } from './runtime-checks.ts';
import { StyleCompiler } from './styles.ts';
import { compileTemplates } from './templates.ts';
import { checkWithWeChat } from './wechat-compilers.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
export interface BuildOptions {
  /** The mini-program's folder, with app.json. */
  appDir: string;
  outDir: string;
  runtime: BrowserRuntime;
  minify?: boolean;
  /** Where npm packages are looked up; the project's by default. */
  nodeModules?: string;
  /** Another mini-program than this project's own: only what cannot be compiled stops the build, all else is a note. */
  foreign?: boolean;
}

export interface BuiltApp {
  /** Pages and components, third-party ones included. */
  components: number;
  bytes: number;
  tookMs: number;
  /** For people: warnings in third-party files, checks that could not run here. */
  notes: string[];
  /** Every file of the app that was read, npm packages and shared modules included. */
  files: string[];
  /** Which of the app's scripts import a script, by file. */
  importers: ReadonlyMap<string, readonly string[]>;
}

/** Assets that pages name by path (`/images/x.png`) are served as they lie. */
const COPIED_ASSET = /\.(png|jpe?g|gif|svg|webp|wav|mp3|json)$/;

const copyAssets = (from: string, to: string): void => {
  fs.cpSync(from, to, {
    recursive: true,
    filter: (source) =>
      !/(^|\/)(node_modules|miniprogram_npm|dist)$/.test(source) &&
      (fs.statSync(source).isDirectory() || COPIED_ASSET.test(source)),
  });
};

/** The scripts of the app: what its own scripts reach, and from where. The runtime beside them is left out. */
const appScripts = ({ inputs }: Metafile, roots: readonly string[]): Map<string, string[]> => {
  const importsOf = new Map(
    Object.entries(inputs).map(([file, { imports }]) => [
      path.resolve(file),
      imports.map(({ path: imported }) => path.resolve(imported)),
    ]),
  );
  const importers = new Map<string, string[]>(roots.map((root) => [root, []]));
  // Iterating over a map includes the entries that are added meanwhile.
  for (const file of importers.keys())
    for (const imported of importsOf.get(file) ?? [])
      importers.set(imported, [...(importers.get(imported) ?? []), file]);
  return importers;
};

const esbuildDiagnostics = (error: unknown): Diagnostic[] | undefined => {
  if (!(error instanceof Error) || !('errors' in error) || !Array.isArray(error.errors)) return undefined;
  const messages = error.errors as { text: string; location: { file: string; line: number } | null }[];
  return messages.map(({ text, location }) => ({
    severity: 'error',
    file: location?.file ?? '',
    line: location?.line ?? 0,
    message: text,
  }));
};

interface Styles {
  /** CSS by code path; `app` is the application's. */
  css: Record<string, string>;
  files: ReadonlySet<string>;
  diagnostics: readonly Diagnostic[];
}

const PLACEHOLDER_CLASS = /\bplaceholder-class="([^"{}]+)"/g;

/** Classes that the app's WXML gives to placeholders; names that are computed at run time are not found. */
const placeholderClasses = ({ components }: AppSource): Set<string> => {
  const markup = components.map(({ base }) => `${base}.wxml`).filter(isFile);
  const values = markup.flatMap((file) => [...fs.readFileSync(file, 'utf8').matchAll(PLACEHOLDER_CLASS)]);
  return new Set(values.flatMap(([, value = '']) => value.split(/\s+/)));
};

const compileStyles = (paths: SourcePaths, source: AppSource): Styles => {
  const compiler = new StyleCompiler(paths, placeholderClasses(source));
  const appStyle = path.join(paths.root, 'app.wxss');
  const css: Record<string, string> = { app: isFile(appStyle) ? compiler.compile(appStyle, '') : '' };
  for (const { codePath, base, scope } of source.components)
    if (isFile(`${base}.wxss`)) css[codePath] = compiler.compile(`${base}.wxss`, scope);
  return { css, files: compiler.files, diagnostics: compiler.diagnostics };
};

/**
 * Compiles a mini-program's real source into a web page: `outDir/{index,app}.html` and what they load.
 * @throws {BuildError} on anything that does not compile, on warnings in our own files, on a `wx.*` or a tag
 *   that the runtime lacks, and on what WeChat's own compilers reject.
 */
export const buildBrowserApp = async (options: BuildOptions): Promise<BuiltApp> => {
  const startedAt = performance.now();
  const { appDir, outDir, runtime, nodeModules = path.join(PROJECT, 'node_modules') } = options;
  const paths = new SourcePaths(appDir, nodeModules);
  const source = findComponents(paths);
  const templates = compileTemplates(
    paths,
    source.components.map(({ codePath }) => codePath),
  );
  const styles = compileStyles(paths, source);

  fs.mkdirSync(outDir, { recursive: true });
  const input = { runtime, source, paths, templates: templates.code, styles: styles.css, outDir };
  const metafile = await bundle({ ...input, minify: options.minify ?? false }).catch((error: unknown) => {
    const diagnostics = esbuildDiagnostics(error);
    throw diagnostics === undefined ? error : new BuildError(diagnostics);
  });
  const isOwnFile = (file: string): boolean =>
    file.startsWith(paths.root + path.sep) && !paths.display(file).startsWith(NPM_PREFIX);
  const appScript = appScriptOf(paths);
  const roots = [
    ...(appScript === undefined ? [] : [appScript]),
    ...source.components.map(({ script }) => script),
  ];
  const importers = appScripts(metafile, roots);
  const scripts = [...importers.keys()];
  const files = [...source.files, ...templates.files, ...styles.files, ...scripts].filter(isFile);
  const markup = [...new Set([...templates.files, ...styles.files])]
    .filter((file) => isOwnFile(file) && isFile(file))
    .map((file) => path.relative(paths.root, file));
  const wechat = await checkWithWeChat(paths.root, markup);
  const compiled = [...templates.diagnostics, ...styles.diagnostics];
  const diagnostics = [
    ...compiled,
    ...checkWxUsage(paths, scripts.filter(isOwnFile), runtime),
    ...checkLibraryLevel(paths, scripts.filter(isFile)),
    ...checkTags(paths, source, runtime.tags),
    ...wechat.diagnostics,
  ];
  const stopping = options.foreign ? compiled.filter(isError) : blockingDiagnostics(diagnostics);
  if (stopping.length > 0) throw new BuildError(stopping);

  await bundleRuntimeScripts(runtime, outDir);
  for (const file of runtime.staticFiles) fs.copyFileSync(file, path.join(outDir, path.basename(file)));
  copyAssets(paths.root, outDir);
  return {
    components: source.components.length,
    bytes: fs.statSync(path.join(outDir, 'app.js')).size,
    tookMs: Math.round(performance.now() - startedAt),
    notes: [...diagnostics.map(formatDiagnostic), ...(wechat.skipped === undefined ? [] : [wechat.skipped])],
    files: [...new Set(files)],
    importers,
  };
};
