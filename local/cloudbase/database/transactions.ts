import type { Clock } from '../../../lib/clock.ts';
import { transactionGone } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Database } from './database.ts';
import type { UnitOfWork } from './unit-of-work.ts';

interface Transaction {
  unit: UnitOfWork | undefined;
  cancelExpiry: () => void;
}

/** Open transactions. The snapshot is taken at the first operation; a transaction that is not ended is dropped after a limit. */
export class Transactions {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #open = new Map<string, Transaction>();

  constructor(database: Database, clock: Clock, timeoutMs: number) {
    this.#database = database;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  start(): string {
    const id = newId();
    const cancelExpiry = this.#clock.after(this.#timeoutMs, () => this.drop(id));
    this.#open.set(id, { unit: undefined, cancelExpiry });
    return id;
  }

  unit(id: string): UnitOfWork {
    const transaction = this.#open.get(id);
    if (!transaction) throw transactionGone();
    transaction.unit ??= this.#database.createSnapshotUnit(id);
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

  /** Ends a transaction, if it is still open, without effect. */
  drop(id: string): void {
    const transaction = this.#open.get(id);
    if (!transaction) return;
    this.#open.delete(id);
    transaction.cancelExpiry();
    this.#database.locks.releaseAll(id);
    if (transaction.unit) this.#database.closeSnapshot();
  }

  dropAll(): void {
    for (const id of [...this.#open.keys()]) this.drop(id);
  }
}
