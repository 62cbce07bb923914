import { VoiceError } from '../contract/errors.ts';
import { type BackoffRule, backoffMs } from '../lib/backoff.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import type { RecordsTx, RunTransaction } from './port.ts';
import { isConflict, isDuplicate, isPermanent, storeError } from './store-errors.ts';

/**
 * How often and how long a transaction is repeated. Two that meet need one repetition; the others are for the one
 * document that every completion of the same user and day changes. `totalMs`: no attempt begins later than this, since a
 * database that answers slowly must not use up a cloud function's time limit.
 */
export const TRANSACTION_RETRY = {
  attempts: 8,
  firstMs: 20,
  maxMs: 1_000,
  jitter: 0.5,
  totalMs: 6_000,
} as const satisfies BackoffRule & { attempts: number; totalMs: number };

/** The part of the SDKs' transactions that is used: only operations on `doc()` are part of a transaction. */
interface SdkDocument {
  get(): Promise<{ data: unknown }>;
  set(body: object): Promise<unknown>;
  update(body: object): Promise<unknown>;
  remove(): Promise<unknown>;
}
interface SdkTransaction {
  collection(name: string): { doc(id: string): SdkDocument };
  commit(): Promise<unknown>;
  rollback(): Promise<unknown>;
}
export interface SdkDatabase {
  startTransaction(): Promise<SdkTransaction>;
  command: { set(value: unknown): unknown };
}

export interface TransactionOptions {
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  /** Whether errors that may pass are retried here, too; conflicts and duplicate keys always are. */
  retryUnavailable: boolean;
  /** How the SDK takes a document: as it is (node-sdk, the default), or in an option (wx-server-sdk). */
  bodyOf?: (doc: object) => object;
}

const isPlainObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function recordsTx(
  db: SdkDatabase,
  transaction: SdkTransaction,
  bodyOf: (doc: object) => object = (doc) => doc,
): RecordsTx {
  const docOf = (collection: string, id: string) => transaction.collection(collection).doc(id);
  return {
    async get<T>(collection: string, id: string) {
      const { data } = await docOf(collection, id).get();
      // one document, a list of one, or null: it depends on the SDK and its version
      return ((Array.isArray(data) ? data[0] : data) as T | undefined) ?? null;
    },
    async set(collection, id, doc) {
      await docOf(collection, id).set(bodyOf(doc));
    },
    async update(collection, id, patch) {
      // without set() the SDK flattens an object into paths below a field, which keeps its other members or may be null
      const whole = Object.entries(patch).map(([key, value]) => [
        key,
        isPlainObject(value) ? db.command.set(value) : value,
      ]);
      await docOf(collection, id).update(bodyOf(Object.fromEntries(whole)));
    },
    async remove(collection, id) {
      await docOf(collection, id).remove();
    },
  };
}

/**
 * The transactions of the records on a CloudBase SDK. The SDKs' own `runTransaction` does not repeat a conflict that an
 * operation reports, so repetition is here: `fn` reads anew each time, which makes repeating safe even where the answer
 * to a commit was lost.
 */
export function transactionsOn(
  db: SdkDatabase,
  { clock, random, retryUnavailable, bodyOf }: TransactionOptions,
): RunTransaction {
  const attempt = async <T>(fn: (tx: RecordsTx) => Promise<T>): Promise<T> => {
    const transaction = await db.startTransaction();
    try {
      const result = await fn(recordsTx(db, transaction, bodyOf));
      await transaction.commit();
      return result;
    } catch (error) {
      // the first error is the one that counts; a transaction that is not rolled back keeps its locks for 30 s
      await transaction.rollback().catch(() => {});
      throw error;
    }
  };

  return async (fn) => {
    const startedMs = clock.now();
    for (let retries = 0; ; retries += 1) {
      try {
        return await attempt(fn);
      } catch (error) {
        if (error instanceof VoiceError) throw error;
        const collided = isConflict(error) || isDuplicate(error);
        if (isPermanent(error) || !(collided || retryUnavailable)) throw storeError(error);
        const { attempts, totalMs } = TRANSACTION_RETRY;
        if (retries + 1 >= attempts || clock.now() - startedMs > totalMs)
          throw collided ? new VoiceError('CONFLICT', { cause: error }) : storeError(error);
        await sleep(clock, backoffMs(TRANSACTION_RETRY, retries, random));
      }
    }
  };
}
