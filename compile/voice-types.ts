import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { type Declaration, declarationsOf, isType, withoutOwnMembers } from './declarations.ts';

/** The package whose types are imported, not repeated. */
const CLIENT = 'cloudbase-socketio-client';
const ENTRY = 'miniprogram/voice/index.d.ts';

const NAMED = /(?:import|export) (?:type )?\{([^}]*)\} from '([^']+)';/g;

/** One file that the compiler wrote. */
interface Module {
  own: ReadonlyMap<string, Declaration>;
  /** Where the names come from that it imports, or gives on. */
  from: ReadonlyMap<string, string>;
}

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '');
const mentions = (text: string, name: string): boolean => new RegExp(`(?<![.\\w$])${name}\\b`).test(text);

function moduleOf(source: string): Module {
  const from = new Map<string, string>();
  for (const [, names = '', specifier = ''] of source.matchAll(NAMED))
    for (const name of names.split(','))
      if (name.trim()) from.set(name.replace(/^\s*type\s+/, '').trim(), specifier);
  const own = declarationsOf(source).map((one) => [
    one.name,
    { ...one, text: withoutOwnMembers(one.text) },
  ]) as [string, Declaration][];
  return { own: new Map(own), from };
}

/** Follows the names of a file to their declarations, file by file. */
class DeclarationGraph {
  readonly found = new Map<string, Declaration>();
  /** Names of the client's package. */
  readonly imported = new Set<string>();
  readonly #folder: string;
  readonly #modules = new Map<string, Module>();

  /** @param folder where the compiler wrote */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async module(file: string): Promise<Module> {
    const known = this.#modules.get(file);
    if (known) return known;
    const read = moduleOf(await readFile(posix.join(this.#folder, file), 'utf8'));
    this.#modules.set(file, read);
    return read;
  }

  /** Adds a name of a file, and all that its declaration names. @throws Error where it stands for two declarations, or for none */
  async add(name: string, file: string): Promise<void> {
    const { own, from } = await this.module(file);
    const declared = own.get(name);
    const specifier = from.get(name);
    if (!declared && specifier === undefined) throw new Error(`类型声明中缺少 ${name}（${file}）`);
    if (!declared) return this.#follow(name, specifier as string, file);
    const before = this.found.get(name);
    if (before && before.text !== declared.text) throw new Error(`类型声明 ${name} 有两个`);
    if (before) return;
    this.found.set(name, declared);
    const text = withoutComments(declared.text);
    if (/\bv\./.test(text)) throw new Error(`类型声明 ${name} 用到了 valibot`);
    for (const other of [...own.keys(), ...from.keys()])
      if (other !== name && mentions(text, other)) await this.add(other, file);
  }

  #follow(name: string, specifier: string, file: string): Promise<void> | undefined {
    if (specifier.startsWith('.'))
      return this.add(name, posix.join(posix.dirname(file), specifier.replace(/\.ts$/, '.d.ts')));
    if (!specifier.startsWith(CLIENT)) throw new Error(`类型声明 ${name} 来自 ${specifier}`);
    this.imported.add(name);
    return undefined;
  }
}

/** A declaration as it stands in a file of declarations. */
function declaredText(one: Declaration, isGiven: boolean): string {
  const bare = one.text.replace(
    /^(?:export )?(?:declare )?(?=(?:abstract|interface|type|class|const|function) )/m,
    '',
  );
  const prefix = `${isGiven ? 'export ' : ''}${isType(one) ? '' : 'declare '}`;
  return bare.replace(/^(?=(?:abstract|interface|type|class|const|function) )/m, prefix);
}

/**
 * Makes one declaration file of the many that the compiler wrote: what the entry gives out, and what that names, directly or through
 * others; the client's types are imported from its package.
 * @param folder where the compiler wrote
 * @returns text of `index.d.ts`
 */
export async function voiceDeclarations(folder: string): Promise<string> {
  const graph = new DeclarationGraph(folder);
  const { from } = await graph.module(ENTRY);
  for (const name of from.keys()) await graph.add(name, ENTRY);
  const { found, imported } = graph;
  const texts = [...found.values()].map((one) => declaredText(one, from.has(one.name)));
  const header =
    imported.size > 0 ? `import type { ${[...imported].sort().join(', ')} } from '${CLIENT}';\n` : '';
  return `${header}${texts.join('')}export {};\n`;
}
