import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { CommitRecord } from '../database/database.ts';
import { parseEjson, toEjson } from '../database/ejson.ts';
import type { Doc } from '../database/values.ts';
import { decodeFrames, encodeFrame } from './frames.ts';

export type DatabaseContent = Map<string, Map<string, Doc>>;
type Content = Iterable<readonly [collection: string, docs: Iterable<readonly [id: string, doc: Doc]>]>;

/** A log that is larger than this is replaced by a snapshot of the whole database. */
const COMPACT_ABOVE_BYTES = 64 * 1024 * 1024;
/** A power failure loses at most the writes of this long; a killed process loses none. */
const FSYNC_EVERY_MS = 1_000;
const WRITE_CHUNK_CHARS = 1024 * 1024;

/**
 * The database on disk: `snapshot-<n>.log` and the batches committed since, `wal-<n>.log`, one line a batch.
 * A batch is written to the operating system before it is acknowledged, and synced to the disk within a second.
 */
export class WriteAheadLog {
  readonly #folder: string;
  #generation: number;
  #file = -1;
  #bytes = 0;
  #fsync: NodeJS.Timeout | undefined;

  private constructor(folder: string, generation: number) {
    this.#folder = folder;
    this.#generation = generation;
  }

  /**
   * Reads the snapshot and the log of a folder, and writes both as a new snapshot.
   * @throws Error that names the file and the byte when one is damaged
   */
  static open(folder: string): { log: WriteAheadLog; content: DatabaseContent } {
    mkdirSync(folder, { recursive: true });
    const names = readdirSync(folder);
    for (const name of names) {
      if (name.endsWith('.tmp')) unlinkSync(join(folder, name));
      // what the log was called before
      if (name.startsWith('journal-'))
        renameSync(join(folder, name), join(folder, name.replace('journal', 'wal')));
    }
    const generation = Math.max(
      0,
      ...names.map((name) => Number(/^snapshot-(\d+)\.log$/.exec(name)?.[1] ?? 0)),
    );
    const log = new WriteAheadLog(folder, generation);
    const content: DatabaseContent = new Map();
    for (const kind of ['snapshot', 'wal'] as const)
      for (const payload of log.#read(kind)) applyTo(content, parseEjson(payload, 0) as CommitRecord);
    log.compact(content);
    return { log, content };
  }

  /** The log has grown so much that it should be compacted. */
  get compactionDue(): boolean {
    return this.#bytes > COMPACT_ABOVE_BYTES;
  }

  /** Writes one batch. @throws with nothing of it in the log, when the disk is full or fails */
  append(record: CommitRecord): void {
    const line = Buffer.from(encodeFrame(toEjson(record)));
    try {
      for (let written = 0; written < line.length; ) written += writeSync(this.#file, line, written);
    } catch (cause) {
      ftruncateSync(this.#file, this.#bytes);
      throw cause;
    }
    this.#bytes += line.length;
    this.#fsync ??= setTimeout(() => this.#sync(), FSYNC_EVERY_MS).unref();
  }

  /** Writes all content as the next generation's snapshot; the old files are deleted once it is complete. */
  compact(content: Content): void {
    const next = this.#generation + 1;
    const temporary = join(this.#folder, `snapshot-${next}.tmp`);
    const file = openSync(temporary, 'w');
    let chunk = '';
    const flush = (): void => {
      const bytes = Buffer.from(chunk);
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      chunk = '';
    };
    for (const [collection, docs] of content) {
      chunk += encodeFrame(toEjson({ create: collection } satisfies CommitRecord));
      for (const [id, doc] of docs) {
        chunk += encodeFrame(toEjson({ changes: [{ collection, id, doc }] } satisfies CommitRecord));
        if (chunk.length > WRITE_CHUNK_CHARS) flush();
      }
    }
    flush();
    fsyncSync(file);
    closeSync(file);
    const nextFile = openSync(this.#path('wal', next), 'w+');
    renameSync(temporary, this.#path('snapshot', next));
    syncFolder(this.#folder);
    this.#closeFile();
    for (const kind of ['snapshot', 'wal'] as const) {
      const old = this.#path(kind, this.#generation);
      if (existsSync(old)) unlinkSync(old);
    }
    this.#generation = next;
    this.#file = nextFile;
    this.#bytes = 0;
  }

  close(): void {
    this.#sync();
    this.#closeFile();
  }

  #sync(): void {
    clearTimeout(this.#fsync);
    this.#fsync = undefined;
    if (this.#file !== -1) fsyncSync(this.#file);
  }

  #closeFile(): void {
    if (this.#file !== -1) closeSync(this.#file);
    this.#file = -1;
  }

  #read(kind: 'snapshot' | 'wal'): string[] {
    const path = this.#path(kind, this.#generation);
    if (!existsSync(path)) return [];
    const file = readFileSync(path);
    const { payloads, validBytes } = decodeFrames(file, path);
    if (validBytes < file.length) truncateSync(path, validBytes);
    return payloads;
  }

  #path(kind: 'snapshot' | 'wal', generation: number): string {
    return join(this.#folder, `${kind}-${generation}.log`);
  }
}

function applyTo(content: DatabaseContent, record: CommitRecord): void {
  if ('create' in record) {
    content.set(record.create, new Map());
    return;
  }
  for (const { collection, id, doc } of record.changes) {
    if (doc) content.get(collection)?.set(id, doc);
    else content.get(collection)?.delete(id);
  }
}

/** Makes a rename durable; Windows neither needs nor allows it. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
