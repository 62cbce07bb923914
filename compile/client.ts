import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { minify } from 'terser';
import { dialerDeclarations, writePackage } from './client-package.ts';
import { bundleDeclarations, packageDeclarations } from './client-types.ts';
import { COMPRESS, PRIVATE_NAMES, preambleOf } from './minified.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SOURCE = join(ROOT, 'miniprogram/client');
const PAGE = 'pages/realtime-voice-cloudbase';
const FILE = 'cloudbase-socketio-client';
const CLASS = 'CloudBaseSocketIOClient';
const SESSION_FILE = 'voice-session';
const TSC_TIMEOUT_MS = 120_000;

export interface BuiltClient {
  /** The one file that people copy. */
  file: string;
  bytes: number;
}

/** Bundles one module into one ES2017 CommonJS text. @param entry code, resolved in `folder` @param name stands in its first line */
export async function bundleForMiniprogram(
  entry: string,
  folder: string,
  more: BuildOptions,
  name: string,
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: folder, loader: 'ts' },
    tsconfig: join(SOURCE, 'tsconfig.json'),
    bundle: true,
    write: false,
    minify: true,
    format: 'cjs',
    platform: 'neutral',
    target: 'es2017',
    charset: 'utf8',
    // The entry is ESM for its import and CommonJS for its export, on purpose.
    logOverride: { 'commonjs-variable-in-esm': 'silent' },
    ...more,
  });
  const bundled = outputFiles?.[0]?.text ?? '';
  const { code } = await minify(bundled, {
    ecma: 2017,
    module: true,
    compress: COMPRESS,
    format: { preamble: preambleOf(name) },
  });
  if (!code) throw new Error(`打包 ${name} 失败`);
  return code;
}

/**
 * The client as one ES2017 CommonJS text; `require` gives the class itself, and so does a named or default
 * import.
 */
export function bundleClient(): Promise<string> {
  const chain = [`module.exports`, `${CLASS}.${CLASS}`, `${CLASS}.default`, CLASS].join(' = ');
  return bundleForMiniprogram(
    `import { ${CLASS} } from './${FILE}.ts';\n${chain};`,
    SOURCE,
    PRIVATE_NAMES,
    CLASS,
  );
}

/** The recording session with the client inside, as one ES2017 CommonJS text: what the example page uses. */
export const bundleSession = (): Promise<string> =>
  bundleForMiniprogram(
    `import { createVoiceService } from './packaged-session.ts';\nmodule.exports = { createVoiceService };`,
    join(ROOT, 'miniprogram/services'),
    {},
    'createVoiceService',
  );

/** Declarations as the compiler writes them: of the copyable file, and of the package. */
async function declarations(): Promise<{ copied: string; packaged: Record<string, string> }> {
  const folder = await mkdtemp(join(tmpdir(), 'client-types-'));
  try {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const flags = ['--noEmit', 'false', '--emitDeclarationOnly', '--declaration', '--outDir', folder];
    const project = join(SOURCE, 'tsconfig.types.json');
    await promisify(execFile)(process.execPath, [tsc, '-p', project, ...flags], { timeout: TSC_TIMEOUT_MS });
    return {
      copied: await bundleDeclarations(folder),
      packaged: await packageDeclarations(folder, dialerDeclarations()),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Writes the client for publication:
 * - `outDir/cloudbase-socketio-client.js` and `.d.ts`: the file to copy
 * - `outDir/example/`: the example page with `voice-session.js`, the recording session with the client inside, to be copied into a
 *   mini-program as it is
 * - `packageDir/dist/`: the package `cloudbase-socketio-client`; where `packageDir` is not its workspace, the rest of it as well
 */
export async function buildClient(
  options: { outDir?: string; packageDir?: string } = {},
): Promise<BuiltClient> {
  const { outDir = join(ROOT, 'dist/client') } = options;
  const { packageDir = `${outDir}-npm` } = options;
  const [code, session, types] = await Promise.all([bundleClient(), bundleSession(), declarations()]);
  const file = join(outDir, `${FILE}.js`);
  await rm(outDir, { recursive: true, force: true });
  const utils = join(outDir, 'example/utils');
  await mkdir(utils, { recursive: true });
  await cp(join(ROOT, 'miniprogram', PAGE), join(outDir, 'example', PAGE), { recursive: true });
  await Promise.all([
    writeFile(file, code),
    writeFile(join(outDir, `${FILE}.d.ts`), types.copied),
    writeFile(join(utils, `${SESSION_FILE}.js`), session),
    writePackage(packageDir, types.packaged),
  ]);
  return { file, bytes: Buffer.byteLength(code) };
}
