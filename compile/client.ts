import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { minify } from 'terser';
import { projectVersion } from './build-id.ts';
import { bundleDeclarations } from './client-types.ts';

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
    // No getter of the client has an effect that its own code reads it for; `inline: 1` and `hoist_funs` compress better.
    compress: { passes: 3, unsafe_arrows: true, pure_getters: true, hoist_funs: true, inline: 1 },
    format: { preamble: `/*! ${name} ${projectVersion()} docs/client.md */` },
  });
  if (!code) throw new Error(`打包 ${name} 失败`);
  return code;
}

/**
 * The client as one ES2017 CommonJS text; `require` gives the class itself, and so does a named or default
 * import. Names that begin with `_` are private and are shortened; the only such name in a packet is `_placeholder`.
 */
export function bundleClient(): Promise<string> {
  const chain = [`module.exports`, `${CLASS}.${CLASS}`, `${CLASS}.default`, CLASS].join(' = ');
  const names = { mangleProps: /^_/, reserveProps: /^_placeholder$/ };
  return bundleForMiniprogram(`import { ${CLASS} } from './${FILE}.ts';\n${chain};`, SOURCE, names, CLASS);
}

/** The recording session with the client inside, as one ES2017 CommonJS text: what the example page uses. */
export const bundleSession = (): Promise<string> =>
  bundleForMiniprogram(
    `import { createVoiceService } from './packaged-session.ts';\nmodule.exports = { createVoiceService };`,
    join(ROOT, 'miniprogram/services'),
    {},
    'createVoiceService',
  );

async function declarations(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'client-types-'));
  try {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const flags = ['--noEmit', 'false', '--emitDeclarationOnly', '--declaration', '--outDir', folder];
    await promisify(execFile)(process.execPath, [tsc, '-p', SOURCE, ...flags], { timeout: TSC_TIMEOUT_MS });
    return await bundleDeclarations(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Writes the client for publication:
 * - `outDir/cloudbase-socketio-client.js` and `.d.ts`: the file to copy
 * - `outDir/example/`: the example page with `voice-session.js`, the recording session with the client inside, to be copied into a
 *   mini-program as it is
 * - `npmDir/`: a package that 「构建 npm」 accepts
 */
export async function buildClient(options: { outDir?: string; npmDir?: string } = {}): Promise<BuiltClient> {
  const { outDir = join(ROOT, 'dist/client') } = options;
  const { npmDir = `${outDir}-npm` } = options;
  const [code, session, types] = await Promise.all([bundleClient(), bundleSession(), declarations()]);
  const file = join(outDir, `${FILE}.js`);
  await Promise.all([
    rm(outDir, { recursive: true, force: true }),
    rm(npmDir, { recursive: true, force: true }),
  ]);

  const utils = join(outDir, 'example/utils');
  const dist = join(npmDir, 'miniprogram_dist');
  await Promise.all([mkdir(utils, { recursive: true }), mkdir(dist, { recursive: true })]);
  await cp(join(ROOT, 'miniprogram', PAGE), join(outDir, 'example', PAGE), { recursive: true });
  const manifest = {
    name: FILE,
    version: projectVersion(),
    description: 'Socket.IO v5 client for WeChat mini-programs over wx.cloud.connectContainer',
    license: 'MIT',
    main: 'miniprogram_dist/index.js',
    types: 'miniprogram_dist/index.d.ts',
    miniprogram: 'miniprogram_dist',
    files: ['miniprogram_dist'],
  };
  await Promise.all([
    writeFile(file, code),
    writeFile(join(outDir, `${FILE}.d.ts`), types),
    writeFile(join(utils, `${SESSION_FILE}.js`), session),
    writeFile(join(dist, 'index.js'), code),
    writeFile(join(dist, 'index.d.ts'), types),
    writeFile(join(npmDir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`),
    cp(join(ROOT, 'docs/client.md'), join(npmDir, 'README.md')),
  ]);
  return { file, bytes: Buffer.byteLength(code) };
}
