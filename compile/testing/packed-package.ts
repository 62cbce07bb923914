import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BIN = fileURLToPath(new URL('../../node_modules/.bin/', import.meta.url));
const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
const run = promisify(execFile);

/** How projects find the types of a package: name of the setting, flags of the compiler. */
export const RESOLUTIONS: [name: string, flags: string[]][] = [
  ['bundler', ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ['node16', ['--module', 'node16', '--moduleResolution', 'node16']],
];

/** Packs a package as `npm publish` does. @returns its tarball */
export async function pack(folder: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', '--json'], { cwd: folder });
  return join(folder, JSON.parse(stdout)[0].filename);
}

/** Installs tarballs in a new, empty folder, without the network. */
export async function installIn(folder: string, ...tarballs: string[]): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const flags = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install', ...flags, ...tarballs], { cwd: folder });
}

/** All files of an installed package, below its folder. */
export async function filesOf(installed: string): Promise<string[]> {
  const entries = await readdir(installed, { recursive: true, withFileTypes: true });
  return entries
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name).slice(installed.length + 1));
}

/** What publint and attw say of a tarball. */
export const publishedChecks = async (tarball: string): Promise<{ publint: string; attw: string }> => ({
  publint: (await run(join(BIN, 'publint'), ['run', '--strict', tarball])).stdout,
  attw: (await run(join(BIN, 'attw'), [tarball, '--no-color'])).stdout,
});

/** Writes files beside an installed package and compiles them. @returns what the compiler says */
export async function typeErrors(
  folder: string,
  resolution: readonly string[],
  sources: readonly string[],
): Promise<string> {
  const files = await Promise.all(
    sources.map(async (code, at) => {
      const file = join(folder, `source-${at}.mts`);
      await writeFile(file, code);
      return file;
    }),
  );
  const flags = ['--ignoreConfig', '--noEmit', '--strict', '--target', 'es2017', '--lib', 'es2017,dom'];
  return run(process.execPath, [TSC, ...flags, '--types', '', ...resolution, ...files], { cwd: folder }).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}
