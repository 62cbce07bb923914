import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../ids.ts';

/** Cloud storage by path. Paths are names, not folders: `a` and `a/b` may both be files. */
export interface FileStore {
  put(path: string, content: Buffer): Promise<void>;
  get(path: string): Promise<Buffer | undefined>;
  /** False: there was none. */
  delete(path: string): Promise<boolean>;
}

export class MemoryFiles implements FileStore {
  readonly #files = new Map<string, Buffer>();

  async put(path: string, content: Buffer): Promise<void> {
    this.#files.set(path, content);
  }
  async get(path: string): Promise<Buffer | undefined> {
    return this.#files.get(path);
  }
  async delete(path: string): Promise<boolean> {
    return this.#files.delete(path);
  }
}

/** Each file under the SHA-256 of its path, so that any name is safe; written beside and renamed. */
export class DiskFiles implements FileStore {
  readonly #folder: string;
  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(path: string, content: Buffer): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const temporary = join(this.#folder, `${newId()}.tmp`);
    await writeFile(temporary, content);
    await rename(temporary, this.#at(path));
  }

  async get(path: string): Promise<Buffer | undefined> {
    return await readFile(this.#at(path)).catch(absent(undefined));
  }

  async delete(path: string): Promise<boolean> {
    return await rm(this.#at(path)).then(() => true, absent(false));
  }

  #at(path: string): string {
    return join(this.#folder, createHash('sha256').update(path).digest('hex'));
  }
}

const absent =
  <T>(value: T) =>
  (cause: NodeJS.ErrnoException): T => {
    if (cause.code === 'ENOENT') return value;
    throw cause;
  };
