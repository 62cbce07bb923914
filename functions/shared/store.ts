import cloud from 'wx-server-sdk';
import type { Clock } from '../../lib/clock.ts';
import type { RunTransaction } from '../../records/port.ts';
import { isDuplicate, storeError } from '../../records/store-errors.ts';
import { transactionsOn } from '../../records/transaction.ts';

/** A query or update document in the SDK's own notation; operators come from {@link Store.command}. */
export type Condition = Record<string, unknown>;

export interface FindOptions {
  where: Condition | Condition[];
  order?: readonly (readonly [field: string, direction: 'asc' | 'desc'])[];
  limit: number;
  /** Only these fields (and `_id`); all when left out. */
  fields?: readonly string[];
}

/**
 * The database operations that the functions use. Each throws VoiceError STORE_UNAVAILABLE, or STORE_MISCONFIGURED where the request
 * itself is wrong.
 */
export interface Store {
  /** The SDK's operators. */
  readonly command: cloud.DB.DatabaseCommand;
  find<T>(collection: string, options: FindOptions): Promise<T[]>;
  /** Changes what matches, all in one conditional write. @returns how many documents matched */
  update(collection: string, where: Condition, patch: Condition): Promise<number>;
  /** @returns how many documents were removed */
  remove(collection: string, where: Condition): Promise<number>;
  /** Creates a document, never replaces one. */
  insert(collection: string, doc: { _id: string }): Promise<'inserted' | 'duplicate'>;
  readonly transaction: RunTransaction;
}

/** Time limit of one database request; a call makes several within the function's own limit. */
const REQUEST_TIMEOUT_MS = 6_000;

let initialised = false;
/** The platform's SDK, initialised at the first call: nothing happens at import. */
export function openCloud(): typeof cloud {
  if (!initialised) {
    // `timeout` and `throwOnNotFound` are passed through to the layers below and are missing in the SDK's types
    const options = { env: cloud.DYNAMIC_CURRENT_ENV, throwOnNotFound: false, timeout: REQUEST_TIMEOUT_MS };
    cloud.init(options as unknown as cloud.ICloudInitOptions);
    initialised = true;
  }
  return cloud;
}

async function withStoreErrors<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw storeError(error);
  }
}

/** The database of the environment that the function runs in. @param random in [0, 1) */
export function openStore(clock: Clock, random: () => number): Store {
  const db = openCloud().database();
  const { command } = db;
  const bodyOf = (data: object) => ({ data });
  return {
    command,
    transaction: transactionsOn(db, { clock, random, retryUnavailable: true, bodyOf }),
    find: <T>(collection: string, { where, order = [], limit, fields }: FindOptions) =>
      withStoreErrors(async () => {
        const condition = Array.isArray(where) ? command.and(...where) : where;
        let query = db.collection(collection).where(condition as cloud.DB.IQueryCondition);
        for (const [field, direction] of order) query = query.orderBy(field, direction);
        if (fields) query = query.field(Object.fromEntries(fields.map((field) => [field, true])));
        const { data } = (await query.limit(limit).get()) as { data: unknown[] };
        return data as T[];
      }),
    update: (collection, where, patch) =>
      withStoreErrors(async () => {
        const answer = (await db
          .collection(collection)
          .where(where)
          .update({ data: patch })) as unknown as Stats;
        return answer.stats.updated;
      }),
    remove: (collection, where) =>
      withStoreErrors(async () => {
        const answer = (await db.collection(collection).where(where).remove()) as unknown as Stats;
        return answer.stats.removed;
      }),
    async insert(collection, doc) {
      try {
        await db.collection(collection).add({ data: doc });
        return 'inserted';
      } catch (error) {
        if (isDuplicate(error)) return 'duplicate';
        throw storeError(error);
      }
    },
  };
}

interface Stats {
  stats: { updated: number; removed: number };
}
