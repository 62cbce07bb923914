/** `npm run size`: bytes of the copyable client beside the official client and weapp.socket.io, minified and with gzip. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bundleClient } from '../compile/client.ts';
import { JSON_OPTION, runTool } from './cli.ts';

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

await runTool(
  {
    command: 'npm run -s size --',
    summary: '客户端的字节数，与官方客户端、weapp.socket.io 并列；超过上限时以 1 退出',
    options: { json: JSON_OPTION },
  },
  '正在打包',
  async ({ values }) => {
    const ours = measure(await bundleClient());
    const sizes: Record<string, Size> = {
      ours,
      'socket.io-client': await official(),
      'weapp.socket.io': await published('weapp.socket.io'),
    };
    console.log('客户端                 压缩后      gzip');
    for (const [name, { min, gzip }] of Object.entries(sizes))
      console.log(`${name.padEnd(18)} ${String(min).padStart(8)} B ${String(gzip).padStart(8)} B`);
    if (ours.min > LIMIT.min || ours.gzip > LIMIT.gzip) {
      console.error(`超过上限：压缩后 ${LIMIT.min} B，gzip ${LIMIT.gzip} B`);
      process.exitCode = 1;
    }
    if (values.json) console.log(JSON.stringify(sizes));
  },
);
