import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Node, parse } from 'acorn';
import { build } from 'esbuild';
import { type MinifyOptions, minify } from 'terser';
import { COMPRESS, PRIVATE_NAMES, preambleOf } from './minified.ts';

const SOURCE = fileURLToPath(new URL('../miniprogram/client/', import.meta.url));
const NAME = 'cloudbase-socketio-client';

/** Entries of the package, by the name after its own: their source. */
const ENTRIES = {
  index: 'index.ts',
  client: 'cloudbase-socketio-client.ts',
  io: 'io.ts',
  'container-socket': 'container-socket.ts',
};
const DIALERS = {
  uni: 'dialers/uni.ts',
  taro: 'dialers/taro.ts',
  my: 'dialers/my.ts',
  tt: 'dialers/tt.ts',
  websocket: 'dialers/websocket.ts',
  node: 'dialers/node-ws.ts',
};
/** Of a module that is loaded for its effects only: there are none. */
const BARE_IMPORT = /\bimport"[^"]*";/g;
/** What is in the package beside what is built. */
const COMMITTED = ['package.json', 'README.md', 'README.en.md', 'LICENSE'];

/** Where the compiler puts the declarations of the dialers' entries. */
export const dialerDeclarations = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(DIALERS).map(([entry, file]) => [
      entry,
      join('miniprogram/client', file.replace(/\.ts$/, '.d.ts')),
    ]),
  );

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
  if (!small) throw new Error(`打包 ${NAME} 失败`);
  return small;
}

/** The entries and what they share as ES modules, by file name; private names are short, and the same in all of them. */
async function bundleModules(): Promise<Record<string, string>> {
  const entries = Object.entries({ ...ENTRIES, ...DIALERS }).map(([out, file]) => ({
    in: join(SOURCE, file),
    out,
  }));
  const { outputFiles } = await build({
    entryPoints: entries,
    outdir: '/',
    tsconfig: join(SOURCE, 'tsconfig.json'),
    bundle: true,
    splitting: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    packages: 'external',
    target: 'es2017',
    charset: 'utf8',
    ...PRIVATE_NAMES,
  });
  return Object.fromEntries(
    outputFiles.map(({ path, text }) => [path.replace(/^.*[/\\]/, ''), text.replace(BARE_IMPORT, '')]),
  );
}

/**
 * Writes the package: ES modules, CommonJS for Node, and the same CommonJS for the 「构建 npm」 of WeChat, which copies a folder of `.js`.
 * @param folder of the package; where it is not the workspace, what is committed there is copied as well
 * @param types declarations of the entries, by name
 */
export async function writePackage(folder: string, types: Readonly<Record<string, string>>): Promise<void> {
  const dist = join(folder, 'dist');
  await rm(dist, { recursive: true, force: true });
  const [esm, cjs, phone] = ['esm', 'cjs', 'miniprogram'].map((name) => join(dist, name)) as [
    string,
    string,
    string,
  ];
  await Promise.all([esm, cjs, phone].map((name) => mkdir(name, { recursive: true })));
  const write = async ([name, code]: [string, string]): Promise<void> => {
    const format = { preamble: preambleOf(NAME) };
    const common = await minified(toCommonJs(code), { toplevel: true, format });
    await writeFile(join(esm, name), await minified(code, { module: true, format }));
    await writeFile(join(phone, name), common);
    const renamed = common.replace(/(require\("\.\/[\w-]+)\.js"\)/g, '$1.cjs")');
    await writeFile(join(cjs, name.replace(/\.js$/, '.cjs')), renamed);
  };
  const declare = async ([name, text]: [string, string]): Promise<void> => {
    await writeFile(join(esm, `${name}.d.ts`), text);
    await writeFile(join(cjs, `${name}.d.cts`), text.replace(/(from '\.\/[\w-]+)\.js'/g, "$1.cjs'"));
  };
  await Promise.all([
    ...Object.entries(await bundleModules()).map(write),
    ...Object.entries(types).map(declare),
    ...(join(folder, '/') === SOURCE
      ? []
      : COMMITTED.map((name) => cp(join(SOURCE, name), join(folder, name)))),
  ]);
}
