import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildContainer } from '../../compile/container.ts';
import { bundleFunction } from '../../compile/functions.ts';
import { CONTAINER_FILES } from '../check/deploy.ts';
import { ToolError } from '../cli.ts';
import { CODE_LENGTH } from './record.ts';
import { type ZipFile, zip } from './zip.ts';

/** Above it SCF takes a package only from object storage (583/18586, `ZipFile`). */
const MAX_FUNCTION_BYTES = 1.5 * 1024 * 1024;

/** What is uploaded. */
export interface Package {
  zip: Buffer;
  files: string[];
  /** Of names and content. */
  code: string;
}

/** Makes what is uploaded. */
export interface Packing {
  container(): Promise<Package>;
  function(name: string): Promise<Package>;
}

/** Packs all files of a folder that has no folders in it. */
async function pack(folder: string): Promise<Package> {
  const names = (await readdir(folder)).sort();
  const files: ZipFile[] = [];
  const hash = createHash('sha256');
  for (const name of names) {
    const data = await readFile(join(folder, name));
    hash.update(`${name}\0${data.length}\0`).update(data);
    files.push({ name, data });
  }
  return { zip: zip(files), files: names, code: hash.digest('hex').slice(0, CODE_LENGTH) };
}

/** Builds into a folder that nobody else has put anything into, and packs it. */
async function packBuilt(build: (folder: string) => Promise<unknown>): Promise<Package> {
  const folder = await mkdtemp(join(tmpdir(), 'deploy-'));
  try {
    await build(folder);
    return await pack(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The container's package: its files and nothing else, whatever lies in `dist/`. */
async function packContainer(): Promise<Package> {
  const made = await packBuilt((outDir) => buildContainer({ outDir }));
  if (made.files.join() !== [...CONTAINER_FILES].sort().join())
    throw new ToolError(`容器的包里应只有 ${CONTAINER_FILES.join('、')}，现在有 ${made.files.join('、')}`);
  return made;
}

/** One function's package. @throws ToolError where it is too large */
async function packFunction(name: string): Promise<Package> {
  const made = await packBuilt((folder) => bundleFunction(name, folder));
  if (made.zip.length > MAX_FUNCTION_BYTES)
    throw new ToolError(`云函数 ${name} 的包有 ${made.zip.length} 字节，超过 ${MAX_FUNCTION_BYTES}`);
  return made;
}

/** Builds what is uploaded from the sources as they are. */
export const PACKING: Packing = { container: packContainer, function: packFunction };

export const sizeOf = ({ zip: bytes }: Package): string => `${Math.ceil(bytes.length / 1024)} KB`;
