import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const MAIN = 'CloudBaseSocketIOClient';
/** The public class and what it is made of. Others, and functions, are the client's own. */
const CLASSES = new Set([MAIN, 'Emitter', 'AnyEmitter', 'Socket', 'Connection']);

const IMPORT = /^import [^;]*;\n/gm;
const DECLARATION = /^(?:export )?(?:declare )?(?:abstract )?(class|interface|type|const|function) (\w+)/m;
const isOwnMember = (line: string): boolean =>
  /^ {4}(?:abstract |readonly |get )*_\w/.test(line) || /^ {4}(?:private|protected) /.test(line);
const isComment = (line: string): boolean => /^\s*(?:\/\*\*|\*)/.test(line);

interface Declaration {
  kind: string;
  name: string;
  /** With the comment above it. */
  text: string;
}

/** The top-level declarations of what the compiler wrote: each ends at its first `}` or `;` that is not indented. */
function declarationsOf(source: string): Declaration[] {
  const found: Declaration[] = [];
  let text = '';
  for (const line of source.replace(IMPORT, '').split('\n')) {
    text += `${line}\n`;
    if (!/^(?:\S.*;|\};?)$/.test(line)) continue;
    const [, kind = '', name = ''] = DECLARATION.exec(text) ?? [];
    if (name) found.push({ kind, name, text });
    text = '';
  }
  return found;
}

/** Takes the client's own members out, each with the comment above it. */
function withoutOwnMembers(text: string): string {
  const kept: string[] = [];
  for (const line of text.split('\n')) {
    if (!isOwnMember(line)) kept.push(line);
    else while (isComment(kept[kept.length - 1] ?? '')) kept.pop();
  }
  return kept.join('\n');
}

/**
 * Makes one self-contained declaration of the many that the compiler wrote: the class is what `require` gives
 * (`export =`), with its base classes beside it; types are in a namespace of its name.
 * @param folder where the compiler wrote
 */
export async function bundleDeclarations(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.d.ts')).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const all = texts.flatMap(declarationsOf);
  const classes = all.filter(({ kind, name }) => kind === 'class' && CLASSES.has(name));
  const types = all.filter(({ kind }) => kind === 'interface' || kind === 'type');
  if (classes.length !== CLASSES.size) throw new Error('类型声明中缺少客户端的类');

  const reference = new RegExp(
    `(?<![.\\w'"\`])(${types.map(({ name }) => name).join('|')})\\b(?!\\??:)`,
    'g',
  );
  const outer = classes.map(({ text }) =>
    withoutOwnMembers(text)
      .replace(/^export /m, '')
      .split('\n')
      .map((line) => (isComment(line) ? line : line.replace(reference, `${MAIN}.$1`)))
      .join('\n'),
  );
  const inner = types.map(({ text }) =>
    withoutOwnMembers(text)
      .replace(/^(?:export )?(?:declare )?(?=interface|type)/m, 'export ')
      .replace(/^(?=.)/gm, '  '),
  );
  // The class is also a property of itself, for `import { CloudBaseSocketIOClient }` and `import x from`.
  const itself = `  export { Itself as ${MAIN}, Itself as default };\n`;
  return `${outer.join('\n')}\nimport Itself = ${MAIN};\ndeclare namespace ${MAIN} {\n${itself}${inner.join('')}}\n\nexport = ${MAIN};\n`;
}
