import { setTimeout as sleep } from 'node:timers/promises';
import type cloud from 'wx-server-sdk';
import { VoiceError } from '../../contract/errors.ts';
import type { RecordsTx, RunTransaction } from '../../records/port.ts';
import { isConflict, isPermanent, storeError } from './store-errors.ts';

/**
 * How often and how long a transaction is tried again. Two calls that meet need one repetition; the rest is for
 * the one document that every completion of the same user and day touches. `totalMs`: a database that answers slowly
 * must not use up the function's own limit.
 */
export const TRANSACTION_RETRY = { attempts: 7, firstDelayMs: 20, maxDelayMs: 600, totalMs: 6_000 } as const;

interface SdkDocument {
  get(): Promise<{ data: object | null }>;
  set(options: { data: object }): Promise<unknown>;
  update(options: { data: object }): Promise<unknown>;
  remove(): Promise<unknown>;
}
interface SdkTransaction {
  collection(name: string): { doc(id: string): SdkDocument };
  commit(): Promise<unknown>;
  rollback(): Promise<unknown>;
}
/** The part of the SDK's database that transactions need. */
export interface SdkDatabase {
  command: Pick<cloud.DB.DatabaseCommand, 'set'>;
  startTransaction(): Promise<SdkTransaction>;
}

const isPlainObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const portOf = (db: SdkDatabase, transaction: SdkTransaction): RecordsTx => {
  const doc = (collection: string, id: string) => transaction.collection(collection).doc(id);
  return {
    get: async <T>(collection: string, id: string) => (await doc(collection, id).get()).data as T | null,
    async set(collection, id, data) {
      await doc(collection, id).set({ data });
    },
    async update(collection, id, patch) {
      // the SDK flattens nested objects into single paths; `set` replaces the field as the port promises
      const whole = Object.entries(patch).map(([k, v]) => [k, isPlainObject(v) ? db.command.set(v) : v]);
      await doc(collection, id).update({ data: Object.fromEntries(whole) });
    },
    async remove(collection, id) {
      await doc(collection, id).remove();
    },
  };
};

async function once<T>(db: SdkDatabase, fn: (tx: RecordsTx) => Promise<T>): Promise<T> {
  const transaction = await db.startTransaction();
  try {
    const result = await fn(portOf(db, transaction));
    await transaction.commit();
    return result;
  } catch (error) {
    // the fault that counts is the first one; an unreachable transaction ends by itself after 30 s
    await transaction.rollback().catch(() => undefined);
    throw error;
  }
}

/**
 * The transactions of `records/` on wx-server-sdk. The SDK's own `runTransaction` does not repeat a conflict that an
 * operation reports, so repetition is here: `fn` reads anew each time, which makes repeating safe even where the
 * answer to a commit was lost.
 */
export const transactionsOf =
  (db: SdkDatabase, wait: (ms: number) => Promise<unknown> = sleep): RunTransaction =>
  async (fn) => {
    const startedMs = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(db, fn);
      } catch (error) {
        if (error instanceof VoiceError) throw error;
        if (isPermanent(error)) throw storeError(error);
        const spentMs = performance.now() - startedMs;
        if (attempt >= TRANSACTION_RETRY.attempts || spentMs > TRANSACTION_RETRY.totalMs) {
          throw isConflict(error) ? new VoiceError('CONFLICT', { cause: error }) : storeError(error);
        }
        const { firstDelayMs, maxDelayMs } = TRANSACTION_RETRY;
        // jitter, so that two that met do not meet again
        await wait(Math.min(firstDelayMs * 2 ** (attempt - 1), maxDelayMs) * (0.5 + Math.random()));
      }
    }
  };
