import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildResult, build, type Loader, type Plugin } from 'esbuild';
import { buildDefine, DEV_BUILD } from '../build-id.ts';
import { workspaceSources } from '../workspaces.ts';
import type { AppSource } from './components.ts';
import { isFile, type SourcePaths, splitPackage } from './paths.ts';
import type { AppManifest, BrowserRuntime } from './runtime.ts';

interface BundleInput {
  runtime: BrowserRuntime;
  source: AppSource;
  paths: SourcePaths;
  /** A JavaScript expression, from {@link compileTemplates}. */
  templates: string;
  /** CSS by code path; `app` is the application's. */
  styles: Record<string, string>;
  outDir: string;
  minify: boolean;
}

const literal = (value: unknown): string => JSON.stringify(value);

const PROJECT = fileURLToPath(new URL('../../miniprogram/', import.meta.url));

/** Marks a request that this plugin makes itself. */
const AS_NODE = {};

/** The application's own script, if there is one. */
export const appScriptOf = (paths: SourcePaths): string | undefined =>
  ['app.ts', 'app.js'].map((name) => path.join(paths.root, name)).find(isFile);

const entryCode = ({ runtime, source, templates, styles, paths }: BundleInput): string => {
  const manifest: AppManifest = {
    app: source.app,
    pages: source.pages,
    theme: source.theme,
    components: Object.fromEntries(
      source.components.map(({ codePath, config, scope }) => [codePath, { config, scope }]),
    ),
    styles,
  };
  const appScript = appScriptOf(paths);
  return [
    `import { prepareApp, startApp } from ${literal(runtime.entry)};`,
    `prepareApp(${literal(manifest)}, () => ${templates}).then(() => {`,
    appScript === undefined ? '' : `require(${literal(appScript)});`,
    ...source.components.map(({ script }) => `require(${literal(script)});`),
    'startApp();',
    '});',
  ].join('\n');
};

/** Resolves packages as WeChat does (`miniprogram_npm` beside or above the importer), and marks component scripts. */
const wechatModules = (input: BundleInput): Plugin => {
  const sources = workspaceSources();
  const componentOf = new Map(input.source.components.map(({ script, codePath }) => [script, codePath]));
  return {
    name: 'wechat-modules',
    setup(builder) {
      builder.onResolve({ filter: /^entry$/ }, ({ kind }) =>
        kind === 'entry-point' ? { path: 'entry', namespace: 'wechat' } : undefined,
      );
      builder.onLoad({ filter: /.*/, namespace: 'wechat' }, () => ({
        contents: entryCode(input),
        loader: 'js',
        resolveDir: input.runtime.folder,
      }));
      builder.onResolve({ filter: /^[^./]/ }, ({ path: specifier, importer, namespace }) => {
        if (namespace !== 'file' || importer.startsWith(input.runtime.folder)) return undefined;
        for (let folder = path.dirname(importer); folder.length > 1; folder = path.dirname(folder))
          for (const suffix of ['.js', '/index.js']) {
            const file = path.join(folder, 'miniprogram_npm', specifier + suffix);
            if (isFile(file)) return { path: fs.realpathSync(file) };
          }
        const source = importer.startsWith(PROJECT) ? sources.get(specifier) : undefined;
        if (source !== undefined) return { path: source };
        const [name, rest] = splitPackage(specifier);
        const folder = input.paths.packageRoot(name);
        if (folder === undefined) return undefined;
        const file = ['.js', '/index.js'].map((suffix) => path.join(folder, rest + suffix)).find(isFile);
        return file === undefined ? undefined : { path: file };
      });
      // WeChat takes no notice of a package.json's `type`: as the file of a plugin, a script is what it is written as.
      builder.onResolve(
        { filter: /^\.{0,2}\// },
        async ({ path: specifier, importer, pluginData, ...from }) => {
          if (pluginData === AS_NODE || importer.startsWith(input.runtime.folder)) return undefined;
          const found = await builder.resolve(specifier, { ...from, importer, pluginData: AS_NODE });
          const isScript = found.path.startsWith(input.paths.root + path.sep) && found.path.endsWith('.js');
          return isScript && found.errors.length === 0 ? { path: found.path } : undefined;
        },
      );
      builder.onLoad({ filter: /\.(js|ts)$/ }, ({ path: file }) => {
        const codePath = componentOf.get(file);
        if (codePath === undefined) return undefined;
        return {
          contents: `__wxEnter(${literal(codePath)});${fs.readFileSync(file, 'utf8')}`,
          loader: path.extname(file).slice(1) as Loader,
          resolveDir: path.dirname(file),
        };
      });
    },
  };
};

/** Writes `app.js` (and its map). @returns esbuild's metafile: every script that was read, the runtime's included. */
export const bundle = async (input: BundleInput): Promise<NonNullable<BuildResult['metafile']>> => {
  const { metafile } = await build({
    entryPoints: { app: 'entry' },
    bundle: true,
    format: 'iife',
    target: 'es2022',
    outdir: input.outDir,
    sourcemap: true,
    minify: input.minify,
    plugins: [wechatModules(input)],
    mainFields: ['module', 'main'],
    // Widgets ask `process.env.NODE_ENV`; WeChat's own builder replaces it as well.
    define: { 'process.env.NODE_ENV': '"production"', ...buildDefine(DEV_BUILD) },
    logLevel: 'silent',
    metafile: true,
  });
  return metafile;
};

/** Writes the runtime's scripts that are not part of the app's bundle. */
export const bundleRuntimeScripts = async (runtime: BrowserRuntime, outDir: string): Promise<void> => {
  await build({
    entryPoints: { ...runtime.scripts },
    bundle: true,
    format: 'iife',
    target: 'es2022',
    outdir: outDir,
    logLevel: 'silent',
  });
};
