import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** The packages of this repository, from their sources: file by the name under which it is imported. Said once, in tsconfig.json. */
export function workspaceSources(): ReadonlyMap<string, string> {
  const { compilerOptions } = JSON.parse(fs.readFileSync(path.join(ROOT, 'tsconfig.json'), 'utf8')) as {
    compilerOptions: { paths: Record<string, [string]> };
  };
  return new Map(
    Object.entries(compilerOptions.paths).map(([name, [file]]) => [name, path.join(ROOT, file)]),
  );
}
