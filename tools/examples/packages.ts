import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildClient } from '../../compile/client.ts';
import { buildVoice } from '../../compile/voice-package.ts';
import { appDirOf, type Example, OWN_PACKAGES, WORK_DIR, workDirOf } from './examples.ts';

const run = promisify(execFile);
const INSTALL_TIMEOUT_MS = 120_000;

/** Builds and packs this repository's packages as they would be published. @returns the files to install */
export async function packPackages(): Promise<string[]> {
  const folder = join(WORK_DIR, 'packages');
  await rm(folder, { recursive: true, force: true });
  const [client, voice] = OWN_PACKAGES.map((name) => join(folder, name)) as [string, string];
  await mkdir(folder, { recursive: true });
  await Promise.all([buildClient({ outDir: join(folder, 'client'), packageDir: client }), buildVoice(voice)]);
  return Promise.all(
    [client, voice].map(async (cwd) => {
      const { stdout } = await run('npm', ['pack', '--json'], { cwd });
      return join(cwd, JSON.parse(stdout)[0].filename);
    }),
  );
}

/** Installs the packed packages into an example, beside what is there. */
export async function addPackages(example: Example, files: readonly string[]): Promise<void> {
  const flags = ['--no-save', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...flags, ...files], { cwd: workDirOf(example), timeout: INSTALL_TIMEOUT_MS });
  if (!example.buildsNpm) return;
  for (const name of OWN_PACKAGES) {
    const installed = join(workDirOf(example), 'node_modules', name);
    const { miniprogram } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
    await cp(join(installed, miniprogram), join(appDirOf(example), 'miniprogram_npm', name), {
      recursive: true,
    });
  }
}
