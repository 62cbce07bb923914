import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildId } from './build-id.ts';
import { type BuiltContainer, buildContainer } from './container.ts';
import { type BuiltFunction, buildFunctions } from './functions.ts';
import { OUT } from './out.ts';

/**
 * Builds the container and the functions into their folders below `root`, which are emptied first: the CloudBase CLI uploads
 * all that lies in them, an `.env` or what an older build has left there too.
 */
export async function buildUploads(
  root: string,
  build = buildId(),
): Promise<{ container: BuiltContainer; functions: BuiltFunction[] }> {
  for (const folder of [OUT.container, OUT.functions])
    await rm(join(root, folder), { recursive: true, force: true });
  return {
    container: await buildContainer({ outDir: join(root, OUT.container), build }),
    functions: await buildFunctions({ outDir: join(root, OUT.functions), build }),
  };
}
