import type { SimDatabase } from './database.ts';
import type { Doc } from './documents.ts';

type Database = ReturnType<SimDatabase['client']>;
type Query = ReturnType<Database['collection']>;
type Transaction = Awaited<ReturnType<Database['startTransaction']>>;

let database: Database | undefined;

/** From now on the functions' stores are made over this database. */
export function useDatabase(client: Database): void {
  database = client;
}

/** A query as this SDK has it: documents in `data`, counts in `stats`. */
const queryOf = (query: Query): object => ({
  where: (where: unknown) => queryOf(query.where(where)),
  orderBy: (field: string, direction: 'asc' | 'desc') => queryOf(query.orderBy(field, direction)),
  limit: (limit: number) => queryOf(query.limit(limit)),
  field: (fields: Record<string, boolean>) => queryOf(query.field(fields)),
  get: () => query.get(),
  update: async ({ data }: { data: Doc }) => ({ stats: await query.update(data) }),
  remove: async () => ({ stats: { removed: (await query.remove()).deleted } }),
  add: async ({ data }: { data: Doc }) => ({ _id: (await query.add(data)).id }),
});

const transactionOf = (transaction: Transaction): object => ({
  collection: (name: string) => ({
    doc: (id: string) => {
      const doc = transaction.collection(name).doc(id);
      return {
        get: () => doc.get(),
        set: ({ data }: { data: Doc }) => doc.set(data),
        update: ({ data }: { data: Doc }) => doc.update(data),
        remove: () => doc.remove(),
      };
    },
  }),
  commit: () => transaction.commit(),
  rollback: () => transaction.rollback(),
});

/** The part of the cloud functions' SDK that they use, over the simulated database: the build puts it in the SDK's place. */
export default {
  DYNAMIC_CURRENT_ENV: 'simulated',
  init(): void {},
  database() {
    const current = database;
    if (!current) throw new Error('no database');
    return {
      command: current.command,
      collection: (name: string) => queryOf(current.collection(name)),
      startTransaction: async () => transactionOf(await current.startTransaction()),
    };
  },
};
