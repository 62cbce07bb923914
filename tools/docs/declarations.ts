import { readPage } from './pages.ts';

const BLOCK_COMMENT = /^ *\/\*\*[\s\S]*?\*\/\n/gm;
const LINE_COMMENT = /^ *\/\/.*\n/gm;

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
        .replace(/^export /, '');
    })
    .join('\n\n');
}
