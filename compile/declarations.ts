import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const TSC = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const TSC_TIMEOUT_MS = 120_000;

const IMPORT = /^import [^;]*;\n/gm;
const INLINE_IMPORT = /\bimport\("[^"]*"\)\./g;
const DECLARATION = /^(?:export )?(?:declare )?(?:abstract )?(class|interface|type|const|function) (\w+)/m;
const isOwnMember = (line: string): boolean =>
  /^ {4}(?:abstract |readonly |get )*_\w/.test(line) || /^ {4}(?:private|protected) /.test(line);
export const isComment = (line: string): boolean => /^\s*(?:\/\*\*|\*)/.test(line);

export interface Declaration {
  kind: string;
  name: string;
  /** With the comment above it. */
  text: string;
}

/** The top-level declarations of what the compiler wrote: each ends at its first `}` or `;` that is not indented. */
export function declarationsOf(source: string): Declaration[] {
  const found: Declaration[] = [];
  let text = '';
  for (const line of source.replace(IMPORT, '').replace(INLINE_IMPORT, '').split('\n')) {
    text += `${line}\n`;
    if (!/^(?:\S.*;|\};?)$/.test(line)) continue;
    const [, kind = '', name = ''] = DECLARATION.exec(text) ?? [];
    if (name) found.push({ kind, name, text });
    text = '';
  }
  return found;
}

/** Takes the client's own members out, each with the comment above it. */
export function withoutOwnMembers(text: string): string {
  const kept: string[] = [];
  for (const line of text.split('\n')) {
    if (!isOwnMember(line)) kept.push(line);
    else while (isComment(kept[kept.length - 1] ?? '')) kept.pop();
  }
  return kept.join('\n');
}

/** Whether a declaration is a type only. */
export const isType = ({ kind }: Declaration): boolean => kind === 'interface' || kind === 'type';

/**
 * Writes the declarations of a project's sources, one file for each of them, into a folder that exists as long as `read` takes.
 * @param project its tsconfig.json
 */
export async function withDeclarations<T>(project: string, read: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'declarations-'));
  try {
    const flags = ['--noEmit', 'false', '--emitDeclarationOnly', '--declaration', '--outDir', folder];
    await promisify(execFile)(process.execPath, [TSC, '-p', project, ...flags], { timeout: TSC_TIMEOUT_MS });
    return await read(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
