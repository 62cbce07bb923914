import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metafile } from 'esbuild';
import { bundle, bundleShell } from './bundle.ts';
import { findComponents } from './components.ts';
import { BuildError, blocking, type Diagnostic, formatDiagnostic } from './diagnostics.ts';
import { isFile, SourcePaths } from './paths.ts';
import { StyleCompiler } from './styles.ts';
import { checkTags } from './tags.ts';
import { compileTemplates } from './templates.ts';
import { checkWithWeChat } from './wechat-compilers.ts';
import { shimMembers, wxMembers } from './wx-usage.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** What the host adds to the bundle: not part of the app. */
const HOST_PARTS = [
  fileURLToPath(new URL('../../local/wechat/', import.meta.url)),
  fileURLToPath(new URL('./', import.meta.url)),
  ...['glass-easel', 'glass-easel-miniprogram-adapter'].map(
    (name) => path.join(PROJECT, 'node_modules', name) + path.sep,
  ),
];
const STATIC_FILES: readonly [folder: string, name: string][] = [
  ['../../local/wechat/runtime/', 'app.html'],
  ['../../local/wechat/runtime/', 'base.css'],
  ['../../local/wechat/runtime/frame/', 'index.html'],
  ['../../local/wechat/runtime/frame/', 'frame.css'],
];

export interface BuildOptions {
  /** The mini-program's folder, with app.json. */
  appDir: string;
  outDir: string;
  minify?: boolean;
  /** Where npm packages are looked up; the project's by default. */
  nodeModules?: string;
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
  /** Which scripts import a script, by file. */
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

const checkWxUsage = async (paths: SourcePaths, scripts: readonly string[]): Promise<Diagnostic[]> => {
  const { members, namespaces } = await shimMembers();
  return scripts.flatMap((file) =>
    [...wxMembers(fs.readFileSync(file, 'utf8'), namespaces)]
      .filter((member) => !members.has(member))
      .map((member) => ({
        severity: 'error' as const,
        file: paths.display(file),
        line: 0,
        message: `wx.${member} 在浏览器宿主中没有实现（local/wechat/runtime/wx/）`,
      })),
  );
};

const importersOf = ({ inputs }: Metafile): Map<string, string[]> => {
  const importers = new Map<string, string[]>();
  for (const [file, { imports }] of Object.entries(inputs))
    for (const { path: imported } of imports) {
      const target = path.resolve(imported);
      importers.set(target, [...(importers.get(target) ?? []), path.resolve(file)]);
    }
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

/**
 * Compiles a mini-program's real source into a web page: `outDir/{index,app}.html` and what they load.
 * @throws {BuildError} on anything that does not compile, on warnings in our own files, on a `wx.*`
 *   that the host lacks, and on what WeChat's own compilers reject.
 */
export const buildBrowserApp = async (options: BuildOptions): Promise<BuiltApp> => {
  const startedAt = performance.now();
  const { appDir, outDir, minify = false, nodeModules = path.join(PROJECT, 'node_modules') } = options;
  const paths = new SourcePaths(appDir, nodeModules);
  const source = findComponents(paths);
  const templates = compileTemplates(
    paths,
    source.components.map(({ codePath }) => codePath),
  );
  const styler = new StyleCompiler(paths);
  const styles: Record<string, string> = {};
  const appStyle = path.join(paths.root, 'app.wxss');
  styles.app = isFile(appStyle) ? styler.compile(appStyle, '') : '';
  for (const { codePath, base, scope } of source.components)
    if (isFile(`${base}.wxss`)) styles[codePath] = styler.compile(`${base}.wxss`, scope);

  fs.mkdirSync(outDir, { recursive: true });
  const metafile = await bundle({ source, paths, templates: templates.code, styles, outDir, minify }).catch(
    (error: unknown) => {
      const diagnostics = esbuildDiagnostics(error);
      throw diagnostics === undefined ? error : new BuildError(diagnostics);
    },
  );
  const isOwnFile = (file: string): boolean => file.startsWith(paths.root + path.sep);
  const scripts = Object.keys(metafile.inputs)
    .map((file) => path.resolve(file))
    .filter((file) => isFile(file) && (isOwnFile(file) || !HOST_PARTS.some((part) => file.startsWith(part))));
  const files = [...source.files, ...templates.files, ...styler.files, ...scripts].filter(isFile);
  const markup = [...new Set([...templates.files, ...styler.files])]
    .filter((file) => isOwnFile(file) && isFile(file))
    .map((file) => path.relative(paths.root, file));
  const wechat = await checkWithWeChat(paths.root, markup);
  const diagnostics = [
    ...templates.diagnostics,
    ...styler.diagnostics,
    ...(await checkWxUsage(paths, scripts.filter(isOwnFile))),
    ...checkTags(paths, source),
    ...wechat.diagnostics,
  ];
  const stopping = blocking(diagnostics);
  if (stopping.length > 0) throw new BuildError(stopping);

  await bundleShell(outDir);
  for (const [folder, name] of STATIC_FILES)
    fs.copyFileSync(new URL(folder + name, import.meta.url), path.join(outDir, name));
  copyAssets(paths.root, outDir);
  return {
    components: source.components.length,
    bytes: fs.statSync(path.join(outDir, 'app.js')).size,
    tookMs: Math.round(performance.now() - startedAt),
    notes: [...diagnostics.map(formatDiagnostic), ...(wechat.skipped === undefined ? [] : [wechat.skipped])],
    files: [...new Set(files)],
    importers: importersOf(metafile),
  };
};
