import { type Clock, withTimeout } from '../../../lib/clock.ts';
import { CloudError, invalidParam } from '../errors.ts';
import type { Database } from './database.ts';
import { DocumentLocked } from './locks.ts';
import { OPERATIONS, type Params, type Scope } from './operations.ts';
import type { OnDocumentsExamined } from './reading.ts';
import { Transactions } from './transactions.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** A transaction that is not ended by then is dropped, as in the cloud. */
const TRANSACTION_TIMEOUT_MS = 30_000;
/** A plain write waits this long for a document that a transaction holds. */
const LOCK_WAIT_MS = 30_000;

/** The `database.*` actions: each is one atomic step, inside the transaction that it names or on its own. */
export class DatabaseService {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #transactions: Transactions;

  constructor(database: Database, clock: Clock, transactionTimeoutMs = TRANSACTION_TIMEOUT_MS) {
    this.#database = database;
    this.#clock = clock;
    this.#transactions = new Transactions(database, clock, transactionTimeoutMs);
  }

  /** Runs `database.<name>`; returns the answer without its envelope, throws `CloudError`. */
  async run(name: string, params: Params, countRead: OnDocumentsExamined): Promise<Record<string, unknown>> {
    const id = params.transactionId;
    switch (name) {
      case 'addCollection':
        this.#database.create(checkName(params.collectionName));
        return {};
      case 'startTransaction':
        return { transactionId: this.#transactions.start() };
      case 'commitTransaction':
        this.#transactions.commit(String(id));
        return {};
      case 'abortTransaction':
        this.#transactions.abort(String(id));
        return {};
    }
    if (!Object.hasOwn(OPERATIONS, name)) throw invalidParam(`unknown action database.${name}`);
    const data =
      typeof id === 'string'
        ? this.#inTransaction(id, name, params, countRead)
        : await this.#autocommit(name, params, countRead);
    return { data };
  }

  close(): void {
    this.#transactions.dropAll();
  }

  /** Any error ends the transaction, as in MongoDB. */
  #inTransaction(id: string, name: string, params: Params, countRead: OnDocumentsExamined): unknown {
    const unit = this.#transactions.unit(id);
    try {
      return OPERATIONS[name]?.(params, this.#scope(unit, countRead));
    } catch (cause) {
      this.#transactions.drop(id);
      throw cause;
    }
  }

  async #autocommit(name: string, params: Params, countRead: OnDocumentsExamined): Promise<unknown> {
    const deadline = this.#clock.now() + LOCK_WAIT_MS;
    for (;;) {
      const unit = this.#database.createPlainUnit();
      try {
        const data = OPERATIONS[name]?.(params, this.#scope(unit, countRead));
        this.#database.commit(unit.changes);
        return data;
      } catch (cause) {
        if (!(cause instanceof DocumentLocked)) throw cause;
        await withTimeout(cause.released, this.#clock, deadline - this.#clock.now(), lockTimeout);
      }
    }
  }

  #scope(unit: UnitOfWork, countRead: OnDocumentsExamined): Scope {
    return { unit, collection: (name) => this.#database.collection(name), countRead, now: this.#clock.now() };
  }
}

function checkName(name: unknown): string {
  if (typeof name !== 'string' || !/^[A-Za-z0-9_-]{1,120}$/.test(name))
    throw invalidParam('a collection name consists of letters, digits, _ and -');
  return name;
}

const lockTimeout = (): CloudError =>
  new CloudError('DATABASE_TIMEOUT', 'a transaction holds the document for too long');
