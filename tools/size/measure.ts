import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bundleClient, bundleSession } from '../../compile/client.ts';
import { writePackage } from '../../compile/client-package.ts';

/** Bytes: minified, and then with gzip. */
export interface Size {
  min: number;
  gzip: number;
}

const PACKAGE = 'cloudbase-socketio-client';
const CLIENT = `export { CloudBaseSocketIOClient } from '${PACKAGE}';`;
const { resolve } = createRequire(import.meta.url);

const sizeOf = (code: string | Uint8Array): Size => ({
  min: Buffer.byteLength(code),
  gzip: gzipSync(code, { level: 9 }).length,
});

/** What somebody's bundler makes of these lines. */
async function bundled(lines: string, folder: string): Promise<Size> {
  const { outputFiles } = await build({
    stdin: { contents: lines, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2017',
    legalComments: 'none',
    external: ['ws'],
    logLevel: 'error',
  });
  return sizeOf(outputFiles[0]?.contents ?? '');
}

export interface Measured {
  name: string;
  size: Size;
  /** Absent: it is there to be compared with. */
  limit?: Size;
}

/** What the client limits: the copied file is in the mini-program's main package, which has at most 2 MB. */
export const LIMITS = {
  ours: { min: 12_400, gzip: 4_800 },
  client: { min: 12_500, gzip: 4_900 },
  /** On top of the class alone. */
  added: { min: 600, gzip: 400 },
  'container-socket': { min: 3_300, gzip: 1_600 },
  /** The recording session in one file, with the client inside. */
  voice: { min: 96_000, gzip: 34_000 },
};

/** Entries that are measured by what they add to a program that has the client. */
const ADDED: Readonly<Record<string, string>> = {
  uni: 'connectSocket, platform',
  taro: 'connectSocket, platform',
  my: 'connectSocket, platform',
  tt: 'connectSocket, platform',
  websocket: 'webSocket, platform',
  node: 'nodeWs',
};

const minus = (one: Size, other: Size): Size => ({ min: one.min - other.min, gzip: one.gzip - other.gzip });

/** The package as it is installed, tree-shaken by a bundler. */
async function packageSizes(): Promise<Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), 'client-size-'));
  try {
    const installed = join(folder, 'node_modules', PACKAGE);
    await mkdir(installed, { recursive: true });
    await writePackage(installed, {});
    const client = await bundled(CLIENT, folder);
    const io = await bundled(`export { io, Manager } from '${PACKAGE}';`, folder);
    const socket = await bundled(`export { connectContainerSocket } from '${PACKAGE}';`, folder);
    const added = Object.entries(ADDED).map(async ([entry, names]) => {
      const size = await bundled(`${CLIENT}export { ${names} } from '${PACKAGE}/${entry}';`, folder);
      return { name: `+ ${entry}`, size: minus(size, client), limit: LIMITS.added };
    });
    return [
      { name: 'client', size: client, limit: LIMITS.client },
      { name: '+ io', size: minus(io, client), limit: LIMITS.added },
      ...(await Promise.all(added)),
      { name: 'container-socket', size: socket, limit: LIMITS['container-socket'] },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The copied file, what is in the package, and clients to compare with. */
export async function measureAll(): Promise<Measured[]> {
  return [
    { name: 'ours', size: sizeOf(await bundleClient()), limit: LIMITS.ours },
    ...(await packageSizes()),
    { name: 'voice', size: sizeOf(await bundleSession()), limit: LIMITS.voice },
    {
      name: 'socket.io-client',
      size: await bundled("export { io } from 'socket.io-client'", import.meta.dirname),
    },
    { name: 'weapp.socket.io', size: sizeOf(await readFile(resolve('weapp.socket.io'))) },
  ];
}
