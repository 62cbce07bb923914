import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ROOT } from '../root.ts';

/** Folders that hold nothing of ours, or what is built. */
const SKIPPED: ReadonlySet<string> = new Set([
  'node_modules',
  'miniprogram_npm',
  'dist',
  '.local',
  '.git',
  // of the documentation site
  'generated',
]);

/** Every Markdown file of the project, by its path from the root. */
function markdownFiles(folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : markdownFiles(path);
    return entry.isFile() && entry.name.endsWith('.md') ? [path] : [];
  });
}

/** A file of the project as text. */
export const readPage = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The texts of all Markdown files, by their paths. */
export const markdownPages = (): ReadonlyMap<string, string> =>
  new Map(markdownFiles().map((file) => [file, readPage(file)]));
