import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** A log that grows beyond this is emptied. */
const MAX_BYTES = 20_000_000;
/** How much of its end is read for the report of a crash. */
const TAIL_BYTES = 8_000;

/**
 * The file that a process writes its output to. It is the process's own descriptor: a pipe to the launcher would break when
 * the launcher is killed, and a logger that waits for its last write may then keep its process from exiting.
 */
export class LogFile {
  readonly path: string;
  #offset = 0;
  #rest = '';

  constructor(path: string) {
    this.path = path;
  }

  /** Empties the file. @returns a descriptor that appends, for the process; to be closed by the caller */
  open(): number {
    mkdirSync(dirname(this.path), { recursive: true });
    closeSync(openSync(this.path, 'w'));
    this.#offset = 0;
    this.#rest = '';
    return openSync(this.path, 'a');
  }

  /** Whole lines that came since the last call. */
  newLines(): string[] {
    const fd = openSync(this.path, 'r');
    try {
      const fresh = Buffer.alloc(Math.max(0, statSync(this.path).size - this.#offset));
      const bytes = readSync(fd, fresh, 0, fresh.length, this.#offset);
      this.#offset += bytes;
      const lines = (this.#rest + fresh.toString('utf8', 0, bytes)).split('\n');
      this.#rest = lines.pop() ?? '';
      return lines;
    } finally {
      closeSync(fd);
    }
  }

  /** Appends an entry of a service that runs in this process. */
  append(entry: object): void {
    this.trim();
    appendFileSync(this.path, `${JSON.stringify(entry)}\n`);
  }

  /** The last lines. */
  tail(count: number): string[] {
    const text = readFileSync(this.path).subarray(-TAIL_BYTES).toString('utf8');
    return text.trimEnd().split('\n').slice(-count);
  }

  /** Empties the file when it is too large; to be called regularly. */
  trim(): void {
    if (statSync(this.path).size > MAX_BYTES) truncateSync(this.path);
  }
}
