import { transactionGone } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Database } from './database.ts';
import type { Unit } from './unit.ts';

interface Transaction {
  unit: Unit | undefined;
  expiry: NodeJS.Timeout;
}

/** Open transactions. The snapshot is taken at the first operation; one that nobody ends is dropped in time. */
export class Transactions {
  readonly #database: Database;
  readonly #timeoutMs: number;
  readonly #open = new Map<string, Transaction>();

  constructor(database: Database, timeoutMs: number) {
    this.#database = database;
    this.#timeoutMs = timeoutMs;
  }

  start(): string {
    const id = newId();
    const expiry = setTimeout(() => this.drop(id), this.#timeoutMs);
    this.#open.set(id, { unit: undefined, expiry });
    return id;
  }

  unit(id: string): Unit {
    const transaction = this.#open.get(id);
    if (!transaction) throw transactionGone();
    transaction.unit ??= this.#database.snapshotUnit(id);
    return transaction.unit;
  }

  commit(id: string): void {
    const transaction = this.#open.get(id);
    if (!transaction) throw transactionGone();
    try {
      if (transaction.unit) this.#database.commit(transaction.unit.changes);
    } finally {
      this.drop(id);
    }
  }

  abort(id: string): void {
    if (!this.#open.has(id)) throw transactionGone();
    this.drop(id);
  }

  /** Forgets a transaction, if it is still there, with all that it wrote. */
  drop(id: string): void {
    const transaction = this.#open.get(id);
    if (!transaction) return;
    this.#open.delete(id);
    clearTimeout(transaction.expiry);
    this.#database.locks.releaseAll(id);
    if (transaction.unit) this.#database.closeSnapshot();
  }

  dropAll(): void {
    for (const id of [...this.#open.keys()]) this.drop(id);
  }
}
