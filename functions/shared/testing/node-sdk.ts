import type tcb from '@cloudbase/node-sdk';
import type { SdkDatabase } from '../transaction.ts';

type Db = ReturnType<tcb.CloudBase['database']>;

/** node-sdk's transactions in the shape of wx-server-sdk's, so that a test can act as the container does. */
export const wrapped = (db: Db): SdkDatabase => ({
  command: db.command as unknown as SdkDatabase['command'],
  async startTransaction() {
    const transaction = await db.startTransaction();
    return {
      commit: () => transaction.commit(),
      rollback: () => transaction.rollback(),
      collection: (name) => ({
        doc(id) {
          const doc = transaction.collection(name).doc(id);
          return {
            get: async () => ({ data: (await doc.get()).data ?? null }),
            set: ({ data }) => doc.set(data),
            update: ({ data }) => doc.update(data),
            remove: () => doc.delete(),
          };
        },
      }),
    };
  },
});
