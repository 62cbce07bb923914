import { readFileSync } from 'node:fs';
import { projectFiles, ROOT } from './files.ts';

/** A longer file does more than one thing. */
const MAX_LINES = 400;
const SOURCE = /\.([cm]?[jt]s|wxml|wxss|wxs)$/;

/** Source files that are too long. */
export function longFiles(): string[] {
  return projectFiles()
    .filter((path) => SOURCE.test(path))
    .map((path) => ({
      path,
      lines: readFileSync(ROOT + path, 'utf8')
        .trimEnd()
        .split('\n').length,
    }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ path, lines }) => `${path}：${lines} 行，不应超过 ${MAX_LINES} 行`);
}
