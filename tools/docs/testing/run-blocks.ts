import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import { type LocalCloud, startLocalCloud } from '../../../local/start.ts';
import { ROOT } from '../../root.ts';
import type { Block } from '../markdown.ts';

/** Of a clone that nobody has used yet, none of these is there. */
const NOT_IN_A_CLONE: ReadonlySet<string> = new Set(['.local', '.env', '.git', 'dist', 'coverage']);
const MARK = '--- end of a block ---';
/** The address that the documents name: the one that `npm start` prints. */
const DOCUMENTED_HOST = /127\.0\.0\.1:3000/g;

/** Of the forms that the settings must have; they are nobody's. */
const SAMPLE_SETTINGS: Readonly<Record<string, string>> = {
  TENCENT_APPID: '1250000000',
  TENCENT_SECRET_ID: `AKID${'a1B2'.repeat(8)}`,
  TENCENT_SECRET_KEY: 'c3D4'.repeat(8),
  TENCENTCLOUD_SECRETID: `AKID${'e5F6'.repeat(8)}`,
  TENCENTCLOUD_SECRETKEY: 'g7H8'.repeat(8),
  TCB_ENV: 'sample-1a2b3c',
  CLOUDBASE_APIKEY: 'i9J0'.repeat(10),
  TICKET_SECRET: '0123456789abcdef'.repeat(4),
};
/** Shell lines that fill in `.env` as a person would. */
export const FILLED_IN = Object.entries(SAMPLE_SETTINGS)
  .map(([name, value]) => `sed -i.bak 's/^${name}=.*/${name}=${value}/' .env\n`)
  .join('');

/**
 * Starts a local cloud for all tests of a file, on a data folder of its own.
 * @param env of the local cloud
 */
export function useLocalCloud(env: Record<string, string> = {}): {
  readonly url: string;
  readonly dataDir: string;
} {
  const started = {} as LocalCloud;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'documented-cloud-'));
    Object.assign(started, await startLocalCloud({ dataDir, env }));
  });
  afterAll(async () => {
    await started.stop?.();
    await rm(dataDir, { recursive: true, force: true });
  });
  return started;
}

/**
 * Runs blocks word for word in one shell, one after the other, in a clone of the project where this cloud runs: the commands name
 * neither folder. Only the documented address is replaced by the cloud's.
 * @returns what each printed
 * @throws Error when a command fails
 */
export async function runBlocks(
  blocks: readonly Pick<Block, 'text'>[],
  cloud: { readonly url: string; readonly dataDir: string },
  env: Record<string, string> = {},
): Promise<string[]> {
  const { host } = new URL(cloud.url);
  const script = blocks
    .map(({ text }) => `${text.replace(DOCUMENTED_HOST, host)}echo; echo '${MARK}'\n`)
    .join('');
  const clone = await mkdtemp(join(tmpdir(), 'documented-clone-'));
  try {
    const names = (await readdir(ROOT)).filter((name) => !NOT_IN_A_CLONE.has(name));
    await Promise.all(names.map((name) => symlink(join(ROOT, name), join(clone, name))));
    await symlink(cloud.dataDir, join(clone, '.local'));
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: clone,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    });
    return stdout.split(`${MARK}\n`).slice(0, -1);
  } finally {
    await rm(clone, { recursive: true, force: true });
  }
}
