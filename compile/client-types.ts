import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Declaration, declarationsOf, isComment, isType, withoutOwnMembers } from './declarations.ts';

const MAIN = 'CloudBaseSocketIOClient';
/** The copyable file's class and its base classes. Others, and functions, are the client's own. */
const COPIED = new Set([MAIN, 'Emitter', 'AnyEmitter', 'BaseSocket', 'Connection']);
/** Values of the package that are named as in the sources; its `platform` is `wxPlatform` there. */
const PACKAGED = new Set([
  ...COPIED,
  'Manager',
  'Socket',
  'io',
  'ContainerSocket',
  'connectContainerSocket',
  'connectContainer',
  'connectSocket',
  'wxPlatform',
]);
/** Base classes are declared, but not given out. */
const INNER = new Set(['Emitter', 'AnyEmitter', 'BaseSocket', 'Connection', 'wxPlatform']);
const TYPES = 'types';

async function readDeclarations(folder: string): Promise<Declaration[]> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.d.ts')).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap(declarationsOf).map((one) => ({ ...one, text: withoutOwnMembers(one.text) }));
}

/** The values, and the types that they name, directly or through others. @throws Error where a value is missing */
function reachable(all: readonly Declaration[], values: ReadonlySet<string>): Declaration[] {
  const found = all.filter((one) => !isType(one) && values.has(one.name));
  if (new Set(found.map(({ name }) => name)).size !== values.size)
    throw new Error('类型声明中缺少客户端的类');
  // The list grows while it is walked.
  for (const { text } of found)
    for (const one of all)
      if (isType(one) && !found.includes(one) && new RegExp(`\\b${one.name}\\b`).test(text)) found.push(one);
  return all.filter((one) => found.includes(one));
}

/**
 * Makes one self-contained declaration of the many that the compiler wrote: the class is what `require` gives
 * (`export =`), with its base classes beside it; types are in a namespace of its name.
 * @param folder where the compiler wrote
 */
export async function bundleDeclarations(folder: string): Promise<string> {
  const all = reachable(await readDeclarations(folder), COPIED);
  const types = all.filter(isType);
  const reference = new RegExp(
    `(?<![.\\w'"\`])(${types.map(({ name }) => name).join('|')})\\b(?!\\??:)`,
    'g',
  );
  const outer = all
    .filter((one) => !isType(one))
    .map(({ text }) =>
      text
        .replace(/^export /m, '')
        .split('\n')
        .map((line) => (isComment(line) ? line : line.replace(reference, `${MAIN}.$1`)))
        .join('\n'),
    );
  const inner = types.map(({ text }) =>
    text.replace(/^(?:export )?(?:declare )?(?=interface|type)/m, 'export ').replace(/^(?=.)/gm, '  '),
  );
  // The class is also a property of itself, for `import { CloudBaseSocketIOClient }` and `import x from`.
  const itself = `  export { Itself as ${MAIN}, Itself as default };\n`;
  return `${outer.join('\n')}\nimport Itself = ${MAIN};\ndeclare namespace ${MAIN} {\n${itself}${inner.join('')}}\n\nexport = ${MAIN};\n`;
}

/** Takes the names that an entry gives out from {@link TYPES}. */
const entryText = (values: readonly string[], types: readonly string[]): string =>
  `export { ${values.join(', ')} } from './${TYPES}.js';\nexport type { ${types.join(', ')} } from './${TYPES}.js';\n`;

/**
 * Makes the declarations of the package's entries, as ES modules that import from one file of all types.
 * @param folder where the compiler wrote
 * @param dialers entries that are a dialer each: name, and its file there
 * @returns texts by name, without the ending
 */
export async function packageDeclarations(
  folder: string,
  dialers: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const read = await readDeclarations(folder);
  const outer = new Map<string, Declaration[]>();
  for (const [entry, file] of Object.entries(dialers))
    outer.set(entry, declarationsOf(await readFile(join(folder, file), 'utf8')));
  const own = new Set([...outer.values()].flat().map(({ text }) => text));
  const all = reachable(
    read.filter((one) => isType(one) || !own.has(one.text)),
    PACKAGED,
  );
  const types = all.filter((one) => isType(one) && one.text.includes('export ')).map(({ name }) => name);
  const values = [...PACKAGED].filter((name) => !INNER.has(name));
  const files: Record<string, string> = {
    [TYPES]: all
      .map(({ text }) => text.replace(/^(?:export )?(?=(?:declare|interface|type) )/m, 'export '))
      .join('\n'),
    index: entryText([...values, `${MAIN} as default`, 'wxPlatform as platform'], types),
    client: entryText([MAIN, `${MAIN} as default`], types),
    io: entryText(['io', 'io as default', 'Manager', 'Socket'], types),
    'container-socket': entryText(
      ['ContainerSocket', 'connectContainerSocket'],
      types.filter((name) => name.startsWith('ContainerSocket') || name === 'ContainerCloud'),
    ),
  };
  for (const [entry, declarations] of outer) {
    const text = declarations.map((one) => one.text).join('\n');
    const used = types.filter(
      (name) => new RegExp(`\\b${name}\\b`).test(text) && !declarations.some((one) => one.name === name),
    );
    files[entry] = `import type { ${used.join(', ')} } from './${TYPES}.js';\n${text}`;
  }
  return files;
}
