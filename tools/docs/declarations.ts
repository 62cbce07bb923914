import { readPage } from './pages.ts';

const BLOCK_COMMENT = /^ *\/\*\*[\s\S]*?\*\/\n/gm;
const LINE_COMMENT = /^ *\/\/.*\n/gm;
/** An object type of a member, without object types in it. */
const OBJECT_TYPE = /\{\n((?: {4,}[^{}\n]+;\n)+) +\}/g;
/** Longer ones stay in several lines. */
const MAX_OBJECT_TYPE_CHARS = 90;

/** Without comments an object type may fit one line. */
const joined = (type: string, members: string): string => {
  const line = `{ ${members.trim().slice(0, -1).replace(/;\n */g, '; ')} }`;
  return line.length <= MAX_OBJECT_TYPE_CHARS ? line : type;
};

/**
 * The source text of exported interfaces, without their comments, so that a page shows what the compiler checks.
 * @param file path from the root
 * @throws Error for a name that the file does not export as an interface
 */
export function declarationsOf(file: string, names: readonly string[]): string {
  const source = readPage(file);
  return names
    .map((name) => {
      const found = new RegExp(`^export interface ${name}\\b[\\s\\S]*?^\\}$`, 'm').exec(source);
      if (found === null) throw new Error(`${file} exports no interface ${name}`);
      return found[0]
        .replace(BLOCK_COMMENT, '')
        .replace(LINE_COMMENT, '')
        .replace(OBJECT_TYPE, joined)
        .replace(/^export /, '');
    })
    .join('\n\n');
}
