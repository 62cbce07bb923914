import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildContainer } from '../../compile/container.ts';
import { NODE_BUNDLE } from '../../compile/node-bundle.ts';
import { API_KEY } from '../../container/testing/local-service.ts';
import { type Gateway, startGateway } from '../../local/cloudbase/gateway.ts';
import { environmentOf, nodeOptionsOf } from '../../tools/check/dockerfile.ts';

/** Bundles scripts that run as processes of their own, each to `<folder>/<name>.cjs`. @param scripts by name, absolute paths */
export async function buildScripts(folder: string, scripts: Readonly<Record<string, string>>): Promise<void> {
  await build({
    ...NODE_BUNDLE,
    entryPoints: Object.entries(scripts).map(([out, path]) => ({ in: path, out })),
    outdir: folder,
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    external: ['bufferutil', 'utf-8-validate'],
  });
}

/** @returns the container's `index.js`, built from this source */
export async function buildContainerIn(folder: string): Promise<string> {
  const outDir = join(folder, 'container');
  await buildContainer({ outDir });
  return join(outDir, 'index.js');
}

/** How the container's image runs node: with which options, and in which environment. */
export async function imageRuntime(): Promise<{ nodeArgs: string[]; env: Record<string, string> }> {
  const dockerfile = await readFile('Dockerfile', 'utf8');
  return { nodeArgs: nodeOptionsOf(dockerfile), env: environmentOf(dockerfile) };
}

/** A database in this process, for a container. */
export const startDatabase = (): Promise<Gateway> =>
  startGateway({
    port: 0,
    rcPath: 'cloudbaserc.json',
    envId: 'local-env',
    secrets: { AKIDlocal: 'local' },
    apiKeys: new Set([API_KEY]),
  });
