import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import bunzip from 'unbzip2-stream';
import { ToolError } from '../cli.ts';

const MAX_ENTRIES = 2_000;
const MAX_UNPACKED_BYTES = 4 * 1024 ** 3;

/** `folder/name`: a file right below the archive's one folder. Nothing else is written, so that nothing leads out of the target. */
const MODEL_FILE = /^(?:\.\/)?(?!\.\.?\/)[^/\\]+\/(?!\.\.?$)([^/\\]+)$/;
/** What a model consists of, where it is not known by name. */
const USUAL_FILE = /\.onnx$|^tokens\.txt$|^bpe\.(model|vocab)$|^(README|LICENSE)(\.md|\.txt)?$/i;

/**
 * Unpacks the files of a model from a `.tar.bz2` into a folder that exists. Links, folders within the folder and names that lead
 * elsewhere are left out.
 * @param wanted names of the files; undefined: those that models usually have
 * @param onProgress called with how much of the archive was read, bytes
 * @returns names of the files
 * @throws ToolError when it is no such archive, or larger than any model
 */
export async function unpackModel(
  archive: string,
  folder: string,
  wanted: readonly string[] | undefined,
  onProgress: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<string[]> {
  const written: string[] = [];
  let unpacked = 0;
  let entries = 0;
  for await (const entry of entriesOf(archive, onProgress)) {
    entries += 1;
    if (entries > MAX_ENTRIES) throw new ToolError('压缩包里的文件太多：这不是要的文件');
    const name = nameOf(entry, wanted);
    const file = name === undefined ? undefined : await open(join(folder, name), 'wx');
    try {
      for await (const piece of entry.body) {
        if (signal?.aborted) throw new ToolError('已中止；再运行一次会接着做');
        unpacked += piece.length;
        if (unpacked > MAX_UNPACKED_BYTES) throw new ToolError('解开后太大：这不是要的文件');
        await file?.appendFile(piece);
      }
    } finally {
      await file?.close();
    }
    if (name !== undefined) written.push(name);
  }
  return written;
}

/** The name under which an entry is written; undefined: it is not. */
function nameOf({ header }: ParsedTarEntry, wanted: readonly string[] | undefined): string | undefined {
  const name = header.type === 'file' ? MODEL_FILE.exec(header.name)?.[1] : undefined;
  if (name === undefined) return undefined;
  return (wanted?.includes(name) ?? USUAL_FILE.test(name)) ? name : undefined;
}

async function* entriesOf(archive: string, onRead: (bytes: number) => void): AsyncGenerator<ParsedTarEntry> {
  const source = createReadStream(archive);
  source.on('data', () => onRead(source.bytesRead));
  const old = bunzip();
  // It is a stream of the oldest kind: errors are not passed on by `pipe`, and it must be wrapped to wait for its reader.
  const unzipped = new Readable().wrap(old);
  source.on('error', (error) => unzipped.destroy(error));
  source.pipe(old);
  try {
    yield* Readable.toWeb(unzipped).pipeThrough(createTarDecoder());
  } catch (cause) {
    if (cause instanceof ToolError || (cause as NodeJS.ErrnoException).code !== undefined) throw cause;
    throw new ToolError(`解不开 ${archive}：它坏了，或者不是 .tar.bz2（${String(cause)}）`);
  } finally {
    source.destroy();
    unzipped.destroy();
  }
}
