import { expect, test, vi } from 'vitest';
import { VoiceError } from '../contract/errors.ts';
import { FakeClock } from '../lib/fake-clock.ts';
import type { RecordsTx } from './port.ts';
import {
  type SdkDatabase,
  TRANSACTION_RETRY,
  type TransactionOptions,
  transactionsOn,
} from './transaction.ts';

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
    command: { set: (value: unknown) => ({ $set: value }) },
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
        update: async (body: object) => {
          fail('operation');
          updates.push(body);
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
/** Runs a transaction to its end, however long that takes. @returns its answer, and the waits between attempts, ms */
async function run<T>(
  failures: Parameters<typeof aDatabase>[0],
  fn: (tx: RecordsTx) => Promise<T>,
  { attemptMs = 0, ...options }: Partial<TransactionOptions> & { attemptMs?: number } = {},
) {
  const clock = new FakeClock();
  const { db, log, updates } = aDatabase(failures);
  const begun: number[] = [];
  const startTransaction = async () => {
    begun.push(clock.now());
    clock.advanceSync(attemptMs);
    return db.startTransaction();
  };
  const answer = transactionsOn(
    { ...db, startTransaction },
    { clock, random: () => 0.5, retryUnavailable: true, ...options },
  )(fn);
  answer.catch(() => {});
  await clock.advance(60_000);
  const waits = begun.slice(1).map((at, i) => at - (begun[i] as number));
  return { answer, log: log.join(' '), updates, waits };
}
const update = (patch: object) => async (tx: RecordsTx) => {
  await tx.update('c', 'id', patch);
  return 'done';
};
const always = (at: 'start' | 'operation', error: unknown) =>
  Array.from({ length: 50 }, () => ({ at, error }));

test('a conflict that an operation reports, a duplicate key and a lost answer to a commit are tried again', async () => {
  const { answer, log } = await run(
    [
      { at: 'operation', error: CONFLICT },
      { at: 'operation', error: DUPLICATE },
      { at: 'commit', error: new Error('ESOCKETTIMEDOUT') },
      { at: 'start', error: new Error('ECONNREFUSED') },
      undefined,
    ],
    update({ a: 1 }),
  );
  expect(await answer).toBe('done');
  expect(log).toBe(
    'start operation rollback start operation rollback start operation commit rollback start start operation commit',
  );
});

test("node-sdk's conflict and duplicate key are known by their codes", async () => {
  for (const code of ['DATABASE_TRANSACTION_CONFLICT', 'DATABASE_DUPLICATE_WRITE']) {
    const error = Object.assign(new Error('refused'), { code });
    const { answer } = await run([{ at: 'operation', error }, undefined], update({ a: 1 }), {
      retryUnavailable: false,
    });
    expect(await answer).toBe('done');
  }
});

test('attempts are bounded, waits grow, and the last error decides the code', async () => {
  const { answer, waits } = await run(always('operation', CONFLICT), update({ a: 1 }), {
    random: () => 0.999,
  });
  await expect(answer).rejects.toMatchObject({ code: 'CONFLICT', retriable: true });
  expect(waits).toHaveLength(TRANSACTION_RETRY.attempts - 1);
  expect(waits[0]).toBeLessThanOrEqual(TRANSACTION_RETRY.firstMs * 1.5);
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect(Math.max(...waits)).toBeLessThanOrEqual(TRANSACTION_RETRY.maxMs);
  const refused = await run(always('operation', new Error('ECONNREFUSED')), update({ a: 1 }));
  await expect(refused.answer).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(refused.waits).toHaveLength(TRANSACTION_RETRY.attempts - 1);
});

test('a database that answers slowly is given up in time, before the attempts are used up', async () => {
  const { answer, log } = await run(always('start', new Error('timeout')), update({ a: 1 }), {
    attemptMs: TRANSACTION_RETRY.totalMs * 0.4,
  });
  await expect(answer).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(log).toBe('start start start');
});

test('a permanent error is not tried again', async () => {
  const error = wxError(-502005, 'Db or Table not exist');
  const { answer, log } = await run([{ at: 'operation', error }], update({ a: 1 }));
  await expect(answer).rejects.toMatchObject({ code: 'STORE_MISCONFIGURED' });
  expect(log).toBe('start operation rollback');
});

test('a temporary error is left to the caller where that is asked for', async () => {
  const error = new Error('ECONNREFUSED');
  const { answer, log } = await run([{ at: 'start', error }], update({ a: 1 }), { retryUnavailable: false });
  await expect(answer).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: error });
  expect(log).toBe('start');
});

test('a VoiceError of the caller rolls back and comes out as it is', async () => {
  const refusal = new VoiceError('NOT_FOUND');
  const fn = vi.fn(async () => {
    throw refusal;
  });
  const { answer, log } = await run([undefined], fn);
  await expect(answer).rejects.toBe(refusal);
  expect(fn).toHaveBeenCalledTimes(1);
  expect(log).toBe('start rollback');
});

test('an update replaces a field as a whole, where the SDK alone would merge into it', async () => {
  const at = new Date();
  const patch = { counted: { chars: 1 }, losses: [], at, pending: null };
  const whole = { counted: { $set: { chars: 1 } }, losses: [], at, pending: null };
  expect((await run([undefined], update(patch))).updates).toEqual([whole]);
  const bodyOf = (data: object) => ({ data });
  expect((await run([undefined], update(patch), { bodyOf })).updates).toEqual([{ data: whole }]);
});
