import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { minify } from 'terser';
import { dialerDeclarations, writePackage } from './client-package.ts';
import { bundleDeclarations, packageDeclarations } from './client-types.ts';
import { withDeclarations } from './declarations.ts';
import { COMPRESS, PRIVATE_NAMES, preambleOf } from './minified.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SOURCE = join(ROOT, 'miniprogram/client');
const PAGE = 'pages/realtime-voice-cloudbase';
const FILE = 'cloudbase-socketio-client';
const CLASS = 'CloudBaseSocketIOClient';
const SESSION_FILE = 'voice-session';

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

/** What is kept of a release's recording session: a function that makes one. */
export const KEPT_SESSION = `import { createVoiceService } from './voice-service.ts';
module.exports = { createVoiceSession: () => createVoiceService().createSession() };`;

/** The recording session with the client inside, as one ES2017 CommonJS text: what the example page uses. */
export const bundleSession = (): Promise<string> =>
  bundleForMiniprogram(
    `import { createVoiceService } from './voice-service.ts';
import { recordingViewOf } from './recording/view.ts';
module.exports = { createVoiceService, recordingViewOf };`,
    join(ROOT, 'miniprogram/voice'),
    {},
    'createVoiceService',
  );

/** Declarations: of the copyable file, and of the package. */
const declarations = (): Promise<{ copied: string; packaged: Record<string, string> }> =>
  withDeclarations(join(SOURCE, 'tsconfig.types.json'), async (folder) => ({
    copied: await bundleDeclarations(folder),
    packaged: await packageDeclarations(folder, dialerDeclarations()),
  }));

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
