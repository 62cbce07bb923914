import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Node, parse } from 'acorn';
import { type BuildOptions, build } from 'esbuild';
import { type MinifyOptions, minify } from 'terser';
import { COMPRESS, preambleOf } from './minified.ts';

/** A package for npm, in a workspace of this repository. */
export interface NpmPackage {
  name: string;
  /** Its folder, with a tsconfig.json. */
  source: string;
  /** Sources of the entries, by the name after the package's own. */
  entries: Readonly<Record<string, string>>;
  /** Entries that are in the folder for 「构建 npm」 only. */
  phoneEntries?: Readonly<Record<string, string>>;
  /** Files that are copied into that folder as they are. */
  phoneFiles?: readonly string[];
  /** More options of the bundler. */
  bundling?: BuildOptions;
}

/** Of a module that is loaded for its effects only: there are none. */
const BARE_IMPORT = /\bimport"[^"]*";/g;
/** What is in a package beside what is built. */
const COMMITTED = ['package.json', 'README.md', 'README.en.md', 'LICENSE', 'size.svg'];

const nameOf = (node: { type: string; name?: string; value?: unknown }): string =>
  node.type === 'Identifier' ? (node.name as string) : String(node.value);

/**
 * What an `import` or `export` of esbuild's output is in CommonJS. It writes named ones only.
 * @throws Error for another form
 */
function requireOf(node: Node & Record<string, unknown>): string | undefined {
  const { type, specifiers, source } = node as unknown as {
    type: string;
    specifiers: { type: string; imported: Node; exported: Node; local: Node }[];
    source: { value: string } | null;
  };
  if (!/^(Im|Ex)port/.test(type)) return undefined;
  const names = specifiers?.map((one) => {
    if (one.type === 'ImportSpecifier')
      return `${nameOf(one.imported as never)}: ${nameOf(one.local as never)}`;
    if (one.type === 'ExportSpecifier')
      return `exports.${nameOf(one.exported as never)} = ${nameOf(one.local as never)};`;
    throw new Error(`不能转成 CommonJS：${one.type}`);
  });
  if (type === 'ImportDeclaration')
    return `const { ${names.join(', ')} } = require(${JSON.stringify(source?.value)});`;
  if (type !== 'ExportNamedDeclaration' || source) throw new Error(`不能转成 CommonJS：${type}`);
  return names.join('');
}

/** An ES module as CommonJS, with `default` beside the other names. */
function toCommonJs(code: string): string {
  const { body } = parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
  let text = '';
  for (const node of body) text += `${requireOf(node as never) ?? code.slice(node.start, node.end)}\n`;
  return `Object.defineProperty(exports, '__esModule', { value: true });\n${text}`;
}

async function minified(code: string, options: MinifyOptions): Promise<string> {
  const { code: small } = await minify(code, { ecma: 2017, compress: COMPRESS, ...options });
  if (!small) throw new Error('打包失败');
  return small;
}

/** Entries and what they share as ES modules, by file name. */
async function bundleModules(
  { source, bundling }: NpmPackage,
  entries: Readonly<Record<string, string>>,
): Promise<[file: string, code: string][]> {
  const { outputFiles } = await build({
    entryPoints: Object.entries(entries).map(([out, file]) => ({ in: join(source, file), out })),
    outdir: '/',
    tsconfig: join(source, 'tsconfig.json'),
    bundle: true,
    splitting: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    packages: 'external',
    target: 'es2017',
    charset: 'utf8',
    ...bundling,
  });
  return (outputFiles ?? []).map(({ path, text }) => [
    path.replace(/^.*?[/\\]/, '').replaceAll('\\', '/'),
    text.replace(BARE_IMPORT, ''),
  ]);
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/**
 * Writes a package: ES modules, CommonJS for Node, and CommonJS for the 「构建 npm」 of WeChat, which copies a folder of `.js`.
 * @param folder of the package; where it is not the workspace, what is committed there is copied as well
 * @param types declarations of the entries, by name
 */
export async function writeNpmPackage(
  made: NpmPackage,
  folder: string,
  types: Readonly<Record<string, string>>,
): Promise<void> {
  const { name, source, entries, phoneEntries = {}, phoneFiles = [] } = made;
  const dist = join(folder, 'dist');
  await rm(dist, { recursive: true, force: true });
  const format = { preamble: preambleOf(name) };
  const common = (code: string): Promise<string> => minified(toCommonJs(code), { toplevel: true, format });
  const writeModule = async ([file, code]: [string, string]): Promise<void> => {
    await write(join(dist, 'esm', file), await minified(code, { module: true, format }));
    const renamed = (await common(code)).replace(/(require\("\.\.?\/[\w./-]+)\.js"\)/g, '$1.cjs")');
    await write(join(dist, 'cjs', file.replace(/\.js$/, '.cjs')), renamed);
  };
  const writeForPhone = async ([file, code]: [string, string]): Promise<void> =>
    write(join(dist, 'miniprogram', file), await common(code));
  const declare = async ([entry, text]: [string, string]): Promise<void> => {
    await write(join(dist, 'esm', `${entry}.d.ts`), text);
    await write(join(dist, 'cjs', `${entry}.d.cts`), text.replace(/(from '\.\/[\w-]+)\.js'/g, "$1.cjs'"));
  };
  const isWorkspace = join(folder, '/') === join(source, '/');
  await Promise.all([
    ...(await bundleModules(made, entries)).map(writeModule),
    ...(await bundleModules(made, { ...entries, ...phoneEntries })).map(writeForPhone),
    ...Object.entries(types).map(declare),
    ...(isWorkspace ? [] : COMMITTED.map((file) => cp(join(source, file), join(folder, file)))),
  ]);
  for (const file of phoneFiles) await cp(join(source, file), join(dist, 'miniprogram', file));
}
