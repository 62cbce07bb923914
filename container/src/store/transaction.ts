import { VoiceError } from '../../../contract/errors.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { RecordsTx, RunTransaction } from '../../../records/port.ts';
import { isConflict, isDuplicate, unavailable } from './database-errors.ts';

/** Waits between tries of a transaction that met another, ms; up to half of it is left off, so that the two part. */
const CONFLICT_WAITS_MS = [20, 60, 150, 400, 1_000, 2_000] as const;

/** The part of the SDK's untyped transaction that is used: `doc()` operations carry the transaction, nothing else does. */
interface SdkTransaction {
  collection(name: string): {
    doc(id: string): {
      get(): Promise<{ data: unknown }>;
      set(doc: object): Promise<unknown>;
      update(patch: object): Promise<unknown>;
      remove(): Promise<unknown>;
    };
  };
  commit(): Promise<unknown>;
  rollback(reason: unknown): Promise<unknown>;
}

interface SdkDatabase {
  startTransaction(): Promise<SdkTransaction>;
  command: { set(value: unknown): unknown };
}

/** The records port on the CloudBase SDK. */
export function transactionsOn(db: SdkDatabase, clock: Clock, random = Math.random): RunTransaction {
  const txOn = (sdk: SdkTransaction): RecordsTx => ({
    async get<T>(collection: string, id: string) {
      const { data } = await sdk.collection(collection).doc(id).get();
      // one document, a list of one, or null: it depends on the SDK's version
      return ((Array.isArray(data) ? data[0] : data) as T | undefined) ?? null;
    },
    async set(collection, id, doc) {
      await sdk.collection(collection).doc(id).set(doc);
    },
    async update(collection, id, patch) {
      // set() keeps the SDK from flattening an object into paths below a field that may be null
      const whole = Object.fromEntries(
        Object.entries(patch).map(([key, value]) => [key, db.command.set(value)]),
      );
      await sdk.collection(collection).doc(id).update(whole);
    },
    async remove(collection, id) {
      await sdk.collection(collection).doc(id).remove();
    },
  });

  const once = async <T>(fn: (tx: RecordsTx) => Promise<T>): Promise<T> => {
    const sdk = await db.startTransaction();
    try {
      const result = await fn(txOn(sdk));
      await sdk.commit();
      return result;
    } catch (error) {
      // a conflict has ended it already; for anything else the server would hold its locks for 30 s
      if (!isConflict(error)) await sdk.rollback(null).catch(() => {});
      throw error;
    }
  };

  return async (fn) => {
    for (const waitMs of [...CONFLICT_WAITS_MS, undefined]) {
      try {
        return await once(fn);
      } catch (error) {
        if (!isConflict(error) && !isDuplicate(error)) throw unavailable(error);
        if (waitMs === undefined) throw new VoiceError('CONFLICT', { cause: error });
        await new Promise<void>((resolve) => clock.after(waitMs * (1 - random() / 2), resolve));
      }
    }
    throw new VoiceError('CONFLICT');
  };
}
