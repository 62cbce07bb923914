import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { output } from './command.ts';

/** What an image says of how it is to be run. */
export interface ImageConfig {
  User?: string;
  Env?: string[];
  Entrypoint?: string[] | null;
  Cmd?: string[] | null;
  WorkingDir?: string;
  ExposedPorts?: Record<string, object>;
  StopSignal?: string;
}

/** A file or folder in a layer. */
export interface Entry {
  /** As `ls -l` shows it: `-rw-r--r--`. */
  mode: string;
  bytes: number;
  path: string;
}

export interface SavedImage {
  config: ImageConfig;
  /** What the layers above the base image hold, lowest first. */
  own: Entry[];
}

/** Such as `-rw-r--r-- 0/0 123 2026-01-01 00:00 app/index.js`. */
const LISTED = /^(\S{10})\s+\S+\s+(\d+)\s+\S+\s+\S+\s+(.+)$/;

/** @param listing what `tar -tv` prints */
export const entriesOf = (listing: string): Entry[] =>
  listing
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [, mode = '', bytes = '', path = ''] = LISTED.exec(line) ?? [];
      if (!path) throw new Error(`not a line of a listing: ${line}`);
      return { mode, bytes: Number(bytes), path: path.replace(/^\.?\//, '').replace(/\/$/, '') };
    });

/**
 * Reads what `docker save` wrote.
 * @param file the archive
 * @param folder an empty one, where parts of it are unpacked
 * @param baseLayers how many of the lowest layers are the base image's
 */
export async function readArchive(file: string, folder: string, baseLayers: number): Promise<SavedImage> {
  const [manifest] = JSON.parse(await output('tar', ['-xOf', file, 'manifest.json']));
  const { Config, Layers } = manifest as { Config: string; Layers: string[] };
  const own = Layers.slice(baseLayers);
  await output('tar', ['-xf', file, '-C', folder, Config, ...own]);
  const { config } = JSON.parse(await readFile(join(folder, Config), 'utf8')) as { config: ImageConfig };
  const listings = [];
  for (const layer of own) listings.push(await output('tar', ['-tvf', join(folder, layer)]));
  return { config, own: listings.flatMap(entriesOf) };
}
