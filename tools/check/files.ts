import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The project's files, as paths from its root: those in git and those that could be added. */
export function projectFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  });
  const paths = [...new Set(listed.toString('utf8').split('\0'))].filter(Boolean);
  return paths.filter((path) => existsSync(ROOT + path)).sort();
}
