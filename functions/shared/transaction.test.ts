import { expect, onTestFinished, test, vi } from 'vitest';
import { VoiceError } from '../../contract/errors.ts';
import { type SdkDatabase, TRANSACTION_RETRY, transactionsOf } from './transaction.ts';

/** wx-server-sdk's error: the code is lost, a number and a text are left. */
const wxError = (errCode: number, text: string) =>
  Object.assign(new Error(text), { errCode, errMsg: `document.update:fail ${errCode} ${text}` });
const CONFLICT = wxError(-501001, '[ResourceUnavailable.TransactionConflict] Transaction is conflict');
const DUPLICATE = wxError(-502001, 'E11000 duplicate key error collection: tnt-x index: _id_');

/** A database whose transactions fail as told, one entry per attempt; undefined: it commits. */
function aDatabase(failures: ({ at: 'start' | 'operation' | 'commit'; error: unknown } | undefined)[]) {
  const log: string[] = [];
  const updates: object[] = [];
  const db: SdkDatabase = {
    command: { set: (value: unknown) => ({ $set: value }) as never },
    async startTransaction() {
      const failure = failures.shift();
      const fail = (at: string) => {
        log.push(at);
        if (failure?.at === at) throw failure.error;
      };
      fail('start');
      const doc = {
        get: async () => ({ data: null }),
        set: async () => undefined,
        update: async ({ data }: { data: object }) => {
          fail('operation');
          updates.push(data);
        },
        remove: async () => undefined,
      };
      return {
        collection: () => ({ doc: () => doc }),
        commit: async () => fail('commit'),
        rollback: async () => {
          log.push('rollback');
          throw new Error('gone already');
        },
      };
    },
  };
  return { db, log, updates };
}
const noWait = async () => undefined;
const update = (patch: object) => (tx: { update: (c: string, id: string, p: object) => Promise<void> }) =>
  tx.update('c', 'id', patch).then(() => 'done');

test('a conflict that an operation reports, a duplicate key and a lost answer to a commit are tried again', async () => {
  const { db, log } = aDatabase([
    { at: 'operation', error: CONFLICT },
    { at: 'operation', error: DUPLICATE },
    { at: 'commit', error: new Error('ESOCKETTIMEDOUT') },
    { at: 'start', error: new Error('ECONNREFUSED') },
    undefined,
  ]);
  expect(await transactionsOf(db, noWait)(update({ a: 1 }))).toBe('done');
  expect(log.join(' ')).toBe(
    'start operation rollback start operation rollback start operation commit rollback start start operation commit',
  );
});

test('tries are bounded, waits grow, and the last fault decides the code', async () => {
  const waits: number[] = [];
  const run = (error: unknown) => {
    const { db } = aDatabase(Array.from({ length: 50 }, () => ({ at: 'operation' as const, error })));
    return transactionsOf(db, async (ms) => waits.push(ms))(update({ a: 1 }));
  };
  await expect(run(CONFLICT)).rejects.toMatchObject({ code: 'CONFLICT', retriable: true });
  expect(waits).toHaveLength(TRANSACTION_RETRY.attempts - 1);
  expect(waits[0]).toBeLessThanOrEqual(TRANSACTION_RETRY.firstDelayMs * 1.5);
  expect(Math.max(...waits)).toBeLessThanOrEqual(TRANSACTION_RETRY.maxDelayMs * 1.5);
  await expect(run(new Error('ECONNREFUSED'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});

test('a database that answers slowly is given up in time, tries or not', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { db, log } = aDatabase(
    Array.from({ length: 50 }, () => ({ at: 'start', error: new Error('timeout') })),
  );
  const slowly = async () => vi.advanceTimersByTime(TRANSACTION_RETRY.totalMs * 0.6);
  await expect(transactionsOf(db, slowly)(update({ a: 1 }))).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
  expect(log).toEqual(['start', 'start', 'start']);
});

test('what cannot pass is not tried again', async () => {
  const { db, log } = aDatabase([{ at: 'operation', error: wxError(-502005, 'Db or Table not exist') }]);
  await expect(transactionsOf(db, noWait)(update({ a: 1 }))).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(log).toEqual(['start', 'operation', 'rollback']);
});

test('a refusal of our own rolls back and comes out as it is', async () => {
  const { db, log } = aDatabase([undefined]);
  const refusal = new VoiceError('NOT_FOUND');
  const fn = vi.fn(async () => {
    throw refusal;
  });
  await expect(transactionsOf(db, noWait)(fn)).rejects.toBe(refusal);
  expect(fn).toHaveBeenCalledTimes(1);
  expect(log).toEqual(['start', 'rollback']);
});

test('an update replaces a field as a whole, where the SDK alone would merge into it', async () => {
  const { db, updates } = aDatabase([undefined]);
  const at = new Date();
  await transactionsOf(db, noWait)(update({ counted: { chars: 1 }, losses: [], at, pending: null }));
  expect(updates).toEqual([{ counted: { $set: { chars: 1 } }, losses: [], at, pending: null }]);
});
