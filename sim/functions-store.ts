import type { Store } from '../functions/shared/store.ts';
import { storeError } from '../records/store-errors.ts';
import { transactionsOn } from '../records/transaction.ts';
import type { SimDatabase } from './database.ts';
import { command } from './documents.ts';
import type { SimulatedHost } from './scheduler.ts';

/** The store of the cloud functions over the simulated database, with the product's own transactions. */
export function storeOf(database: SimDatabase, party: SimulatedHost, random: () => number): Store {
  const db = database.client(party);
  const withErrors = async <T>(operation: () => Promise<T>): Promise<T> => {
    try {
      return await operation();
    } catch (error) {
      throw storeError(error);
    }
  };
  return {
    command: command as unknown as Store['command'],
    transaction: transactionsOn(db as never, { clock: party, random, retryUnavailable: true }),
    find: (collection, { where, order = [], limit }) =>
      withErrors(async () => {
        let query = db.collection(collection).where(Array.isArray(where) ? command.and(...where) : where);
        for (const [field, direction] of order) query = query.orderBy(field, direction);
        return (await query.limit(limit).get()).data as never;
      }),
    update: (collection, where, patch) =>
      withErrors(async () => (await db.collection(collection).where(where).update(patch)).updated),
    remove: (collection, where) =>
      withErrors(async () => (await db.collection(collection).where(where).remove()).deleted),
    insert: (collection, doc) =>
      withErrors(async () => {
        await db.collection(collection).add(doc);
        return 'inserted' as const;
      }),
  };
}
