/**
 * `npm run size`: bytes of the copyable client beside the official client and weapp.socket.io, minified and with gzip.
 * `--json`: the last line is JSON.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bundleClient } from '../compile/client.ts';

/** Bytes; the client is copied into mini-programs, whose main package is limited to 2 MB. */
const LIMIT = { min: 12_800, gzip: 5_000 };
const { resolve } = createRequire(import.meta.url);

interface Size {
  min: number;
  gzip: number;
}

const measure = (code: string | Uint8Array): Size => ({
  min: Buffer.byteLength(code),
  gzip: gzipSync(code, { level: 9 }).length,
});

/** The official client, bundled as for a browser. */
async function official(): Promise<Size> {
  const { outputFiles } = await build({
    stdin: { contents: "export { io } from 'socket.io-client'", resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    logLevel: 'error',
  });
  return measure(outputFiles[0]?.contents ?? '');
}

/** A package that is published as one minified file. */
const published = async (name: string): Promise<Size> => measure(await readFile(resolve(name)));

const sizes: Record<string, Size> = {
  ours: measure(await bundleClient()),
  'socket.io-client': await official(),
  'weapp.socket.io': await published('weapp.socket.io'),
};

console.log('客户端                 压缩后      gzip');
for (const [name, { min, gzip }] of Object.entries(sizes))
  console.log(`${name.padEnd(18)} ${String(min).padStart(8)} B ${String(gzip).padStart(8)} B`);
const { ours } = sizes;
if (!ours || ours.min > LIMIT.min || ours.gzip > LIMIT.gzip) {
  console.error(`超过上限：压缩后 ${LIMIT.min} B，gzip ${LIMIT.gzip} B`);
  process.exitCode = 1;
}
if (process.argv.includes('--json')) console.log(JSON.stringify(sizes));
