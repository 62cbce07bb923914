import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** A log grows to this size, then becomes `<name>.old` and begins anew. */
const MAX_BYTES = 20_000_000;
/** Newest lines kept in memory, to show when a process dies. */
const KEPT_LINES = 30;

/** What a process printed: in a file of bounded size, its end also in memory. */
export class LogFile {
  readonly path: string;
  #fd: number;
  #bytes = 0;
  #tail: string[] = [];

  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    this.#fd = openSync(path, 'w');
  }

  get tail(): readonly string[] {
    return this.#tail;
  }

  write(line: string): void {
    this.#tail = [...this.#tail.slice(1 - KEPT_LINES), line];
    if (this.#bytes > MAX_BYTES) this.#turnOver();
    this.#bytes += writeSync(this.#fd, `${line}\n`);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #turnOver(): void {
    closeSync(this.#fd);
    renameSync(this.path, `${this.path}.old`);
    this.#fd = openSync(this.path, 'w');
    this.#bytes = 0;
  }
}
