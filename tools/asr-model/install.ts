import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { modelsFolder } from '../../local/asr/sherpa/installed-models.ts';
import { inspectModelFolder } from '../../local/asr/sherpa/model-folder.ts';
import { ToolError } from '../cli.ts';
import type { PublishedModel } from './catalog.ts';
import { download, removePart } from './download.ts';
import { unpackModel } from './unpack.ts';

/** What a model that is not known by name takes on the disk at most, as far as is foreseen. */
const UNKNOWN_BYTES = 1_000_000_000;
const SUFFIX = '.tar.bz2';
/** Begins the names of folders that are being filled. */
const UNPACKING = '.unpacking-';

/** What is to be installed: a model of the catalogue, or another archive, of which less is known. */
export type WantedModel = Pick<PublishedModel, 'name'> & Partial<PublishedModel>;

export interface InstallOptions {
  model: WantedModel;
  /** The archive's address, or a file that is there already. */
  from: { url: string } | { file: string };
  dataDir: string;
  clock: Clock;
  signal?: AbortSignal;
  /** Free bytes of a folder's disk. */
  freeBytes?: (folder: string) => Promise<number>;
  say: (line: string) => void;
  onDownload: (received: number, total: number | undefined) => void;
  /** How much of the archive was unpacked. */
  onUnpack: (read: number, total: number) => void;
}

export interface Installed {
  folder: string;
  /** What it is, as sherpa-onnx calls it. */
  kind: string;
  /** It was there before. */
  already: boolean;
}

const freeOn = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/**
 * Downloads, checks and unpacks a model into `<data folder>/models/<name>`. The folder appears when all of it is there and is a
 * model that can be used; never before.
 * @throws ToolError that says what to do
 */
export async function installModel(options: InstallOptions): Promise<Installed> {
  const { model, from, dataDir, say } = options;
  const root = modelsFolder(dataDir);
  const folder = join(root, model.name);
  if (existsSync(folder)) return { folder, kind: usable(folder, '删除这个文件夹再运行一次'), already: true };
  await mkdir(root, { recursive: true });
  // what a run that was killed has left
  for (const name of await readdir(root))
    if (name.startsWith(UNPACKING)) await rm(join(root, name), { recursive: true, force: true });
  const archive = 'file' in from ? from.file : join(root, `.${model.name}${SUFFIX}.part`);
  await requireSpace(options, root, archive);
  if ('url' in from) {
    say(`下载 ${from.url}`);
    await download({
      ...options,
      url: from.url,
      path: archive,
      bytes: model.bytes,
      onProgress: options.onDownload,
      onRetry: (why) => say(`${why}，接着下载……`),
    });
  }
  await check(archive, model, 'url' in from, say);
  const made = await unpack(options, root, archive);
  try {
    const kind = usable(made, '请换一个流式模型');
    await rename(made, folder);
    if ('url' in from) await removePart(archive);
    return { folder, kind, already: false };
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
}

/** @throws ToolError before anything is written for which there is no room */
async function requireSpace(
  { model, freeBytes = freeOn }: InstallOptions,
  root: string,
  archive: string,
): Promise<void> {
  const have = await stat(archive).then(
    ({ size }) => size,
    () => 0,
  );
  const needed = Math.max(0, (model.bytes ?? UNKNOWN_BYTES) - have) + (model.installedBytes ?? UNKNOWN_BYTES);
  const free = await freeBytes(root);
  if (free >= needed) return;
  const inMegabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MB`;
  throw new ToolError(
    `磁盘不够：${root} 还要 ${inMegabytes(needed)}，只剩 ${inMegabytes(free)}；腾出空间，或用 --data 换一个文件夹`,
  );
}

/** @throws ToolError when it is not the published file; a downloaded one is removed then */
async function check(
  archive: string,
  model: WantedModel,
  downloaded: boolean,
  say: (line: string) => void,
): Promise<void> {
  if (model.sha256 === undefined) {
    say('没有给 --sha256，只能相信下载的地址');
    return;
  }
  const hash = createHash('sha256');
  for await (const piece of createReadStream(archive)) hash.update(piece as Buffer);
  const found = hash.digest('hex');
  if (found === model.sha256) {
    say('校验和正确');
    return;
  }
  if (downloaded) await removePart(archive);
  throw new ToolError(
    `${basename(archive)} 的校验和不对（是 ${found}，应为 ${model.sha256}）${downloaded ? '，已经删除：再运行一次，或用 --mirror 换一个地址' : '：请重新下载这个文件'}`,
  );
}

/** @returns the folder with the model's files, under a name that nobody takes for a finished one */
async function unpack(
  { model, onUnpack, signal }: InstallOptions,
  root: string,
  archive: string,
): Promise<string> {
  const made = await mkdtemp(join(root, UNPACKING));
  const { size } = await stat(archive);
  try {
    const names = await unpackModel(archive, made, model.files, (read) => onUnpack(read, size), signal);
    const missing = (model.files ?? ['tokens.txt']).filter((name) => !names.includes(name));
    if (missing.length > 0) throw new ToolError(`压缩包里没有 ${missing.join('、')}：这不是要的模型`);
    return made;
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
}

/** @returns the kind of the model. @throws ToolError when it cannot be used */
function usable(folder: string, then: string): string {
  try {
    return inspectModelFolder(folder).kind;
  } catch (error) {
    throw new ToolError(`${folder} 里的模型不能用（${(error as Error).message}）：${then}`);
  }
}
