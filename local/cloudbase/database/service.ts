import { CloudError, invalidParam } from '../errors.ts';
import type { Database } from './database.ts';
import { Busy } from './locks.ts';
import { OPERATIONS, type Params, type Scope } from './operations.ts';
import type { CountRead } from './reading.ts';
import { Transactions } from './transactions.ts';
import type { Unit } from './unit.ts';

/** A transaction not ended by then is gone, as in the cloud. */
const TRANSACTION_TIMEOUT_MS = 30_000;
/** A plain write waits this long for a document that a transaction holds. */
const LOCK_WAIT_MS = 30_000;

/** The `database.*` actions: each is one atomic step, inside the transaction that it names or on its own. */
export class DatabaseService {
  readonly #database: Database;
  readonly #transactions: Transactions;

  constructor(database: Database, transactionTimeoutMs = TRANSACTION_TIMEOUT_MS) {
    this.#database = database;
    this.#transactions = new Transactions(database, transactionTimeoutMs);
  }

  /** Runs `database.<name>`; returns the answer without its envelope, throws `CloudError`. */
  async run(name: string, params: Params, countRead: CountRead): Promise<Record<string, unknown>> {
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
        ? this.#inside(id, name, params, countRead)
        : await this.#alone(name, params, countRead);
    return { data };
  }

  close(): void {
    this.#transactions.dropAll();
  }

  /** Any error ends the transaction, as in MongoDB. */
  #inside(id: string, name: string, params: Params, countRead: CountRead): unknown {
    const unit = this.#transactions.unit(id);
    try {
      return OPERATIONS[name]?.(params, this.#scope(unit, countRead));
    } catch (cause) {
      this.#transactions.drop(id);
      throw cause;
    }
  }

  async #alone(name: string, params: Params, countRead: CountRead): Promise<unknown> {
    const deadline = Date.now() + LOCK_WAIT_MS;
    for (;;) {
      const unit = this.#database.plainUnit();
      try {
        const data = OPERATIONS[name]?.(params, this.#scope(unit, countRead));
        this.#database.commit(unit.changes);
        return data;
      } catch (cause) {
        if (!(cause instanceof Busy)) throw cause;
        await releasedBefore(deadline, cause.released);
      }
    }
  }

  #scope(unit: Unit, countRead: CountRead): Scope {
    return { unit, collection: (name) => this.#database.collection(name), countRead, now: Date.now() };
  }
}

function checkName(name: unknown): string {
  if (typeof name !== 'string' || !/^[A-Za-z0-9_-]{1,120}$/.test(name))
    throw invalidParam('a collection name consists of letters, digits, _ and -');
  return name;
}

async function releasedBefore(deadline: number, released: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const timeout = new CloudError('DATABASE_TIMEOUT', 'a transaction holds the document for too long');
    timer = setTimeout(() => reject(timeout), deadline - Date.now());
  });
  try {
    await Promise.race([released, late]);
  } finally {
    clearTimeout(timer);
  }
}
