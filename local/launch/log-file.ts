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

/** A log that grows beyond this begins anew. */
const MAX_BYTES = 20_000_000;
/** How much of its end is shown when a process dies. */
const TAIL_BYTES = 8_000;

/**
 * The file that a process writes its output to. The process holds it itself: a pipe to the launcher would break when
 * the launcher dies, and a logger that cannot write may then never let its process end.
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

  /** Keeps it bounded; to be called now and then. */
  trim(): void {
    if (statSync(this.path).size > MAX_BYTES) truncateSync(this.path);
  }
}
