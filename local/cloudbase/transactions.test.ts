import { expect, it, vi } from 'vitest';
import { connect, type Database, refusal, startTestGateway } from './testing/start.ts';

async function notes(options: { transactionTimeoutMs?: number } = {}): Promise<Database> {
  const gateway = await startTestGateway(options);
  const db = connect(gateway.adminUrl).database();
  await db.collection('notes').add([
    { _id: 'a', n: 0, owner: 'x' },
    { _id: 'b', n: 0, owner: 'x' },
  ]);
  return db;
}
const numberOf = async (db: Database, id: string): Promise<number> =>
  (await db.collection('notes').doc(id).get()).data[0].n;

it('a transaction sees the state of its first operation, not of its start', async () => {
  const db = await notes();
  const transaction = await db.startTransaction();
  await db.collection('notes').doc('a').update({ n: 1 });
  expect((await transaction.collection('notes').doc('a').get()).data.n).toBe(1);

  await db.collection('notes').doc('b').update({ n: 2 });
  await db.collection('notes').doc('a').remove();
  await db.collection('notes').add({ _id: 'c', n: 3, owner: 'x' });
  expect((await transaction.collection('notes').doc('a').get()).data.n).toBe(1);
  const seen = await transaction.collection('notes').where({ owner: 'x' }).get();
  expect(seen.data.map(({ _id, n }: { _id: string; n: number }) => [_id, n]).sort()).toEqual([
    ['a', 1],
    ['b', 0],
  ]);
  await transaction.commit();
});

it('writing what another changed since the snapshot is a conflict at that write, and ends the transaction', async () => {
  const db = await notes();
  const transaction = await db.startTransaction();
  await transaction.collection('notes').doc('b').get();
  await db.collection('notes').doc('a').update({ n: 7 });
  const write = transaction.collection('notes').doc('a').update({ n: 1 });
  expect(await refusal(write)).toContain('DATABASE_TRANSACTION_CONFLICT');
  expect(await refusal(transaction.commit())).toContain('DATABASE_TRANSACTION_FAIL');
  expect(await numberOf(db, 'a')).toBe(7);
});

it('the first of two transactions to write wins, the second conflicts', async () => {
  const db = await notes();
  const [first, second] = await Promise.all([db.startTransaction(), db.startTransaction()]);
  await first.collection('notes').doc('a').update({ n: 1 });
  const late = second.collection('notes').doc('a').update({ n: 2 });
  expect(await refusal(late)).toContain('DATABASE_TRANSACTION_CONFLICT');
  await first.commit();
  expect(await numberOf(db, 'a')).toBe(1);
});

it('reads never conflict: two transactions may each write what the other read', async () => {
  const db = await notes();
  const [first, second] = await Promise.all([db.startTransaction(), db.startTransaction()]);
  await first.collection('notes').doc('b').get();
  await second.collection('notes').doc('a').get();
  await first.collection('notes').doc('a').update({ n: 1 });
  await second.collection('notes').doc('b').update({ n: 1 });
  await first.commit();
  await second.commit();
  expect([await numberOf(db, 'a'), await numberOf(db, 'b')]).toEqual([1, 1]);
});

it('runTransaction of node-sdk tries again after a conflict', async () => {
  const db = await notes();
  let tries = 0;
  await db.runTransaction(async (transaction: Awaited<ReturnType<Database['startTransaction']>>) => {
    tries++;
    await transaction.collection('notes').doc('a').get();
    if (tries === 1) await db.collection('notes').doc('a').update({ n: 100 });
    await transaction
      .collection('notes')
      .doc('a')
      .update({ n: db.command.inc(1) });
  });
  expect([tries, await numberOf(db, 'a')]).toEqual([2, 101]);
});

it('a plain write waits until a transaction lets go of the document', async () => {
  const db = await notes();
  const transaction = await db.startTransaction();
  await transaction.collection('notes').doc('a').update({ n: 5 });
  const settled = vi.fn();
  const write = db
    .collection('notes')
    .doc('a')
    .update({ n: db.command.inc(1) })
    .then(settled);
  await db.collection('notes').doc('b').update({ n: 1 });
  expect(settled).not.toHaveBeenCalled();
  await transaction.commit();
  await write;
  expect(await numberOf(db, 'a')).toBe(6);
});

it('a transaction that nobody ends is dropped, and lets go of what it held', async () => {
  const db = await notes({ transactionTimeoutMs: 50 });
  const transaction = await db.startTransaction();
  await transaction.collection('notes').doc('a').update({ n: 5 });
  await db
    .collection('notes')
    .doc('a')
    .update({ n: db.command.inc(1) });
  expect(await numberOf(db, 'a')).toBe(1);
  expect(await refusal(transaction.commit())).toMatch(
    /DATABASE_TRANSACTION_FAIL.*commit or abort in 30 seconds/,
  );
});

it('a value of a unique index that an open transaction took is taken', async () => {
  const db = await notes();
  const [first, second] = await Promise.all([db.startTransaction(), db.startTransaction()]);
  await first.collection('days').add({ _id: '1', owner: 'x', day: '20' });
  const other = second.collection('days').add({ _id: '2', owner: 'x', day: '20' });
  expect(await refusal(other)).toContain('DATABASE_TRANSACTION_CONFLICT');
  const plain = refusal(db.collection('days').add({ _id: '3', owner: 'x', day: '20' }));
  await first.commit();
  expect(await plain).toContain('E11000');
});

it('a unique value freed in a transaction can be taken in the same transaction', async () => {
  const db = await notes();
  await db.collection('days').add({ _id: '1', owner: 'x', day: '20' });
  const transaction = await db.startTransaction();
  await transaction.collection('days').doc('1').delete();
  await transaction.collection('days').add({ _id: '2', owner: 'x', day: '20' });
  await transaction.commit();
  expect((await db.collection('days').get()).data.map(({ _id }: { _id: string }) => _id)).toEqual(['2']);
});

it.each(['_id', 'unique index'])('of 20 racing adds with the same %s exactly one wins', async (kind) => {
  const db = await notes();
  const row = (i: number) => (kind === '_id' ? { _id: 'same', i } : { owner: 'x', day: '20', i });
  const adds = Array.from({ length: 20 }, (_, i) => db.collection('days').add(row(i)));
  const outcomes = await Promise.allSettled(adds);
  const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(lost).toHaveLength(19);
  for (const { reason } of lost)
    expect(`${reason.code} ${reason.message}`).toMatch(/DATABASE_REQUEST_FAILED.*E11000/);
  expect((await db.collection('days').count()).total).toBe(1);
});

it('20 racing transactions that each add one lose no update', async () => {
  const db = await notes();
  const addOne = async (): Promise<void> => {
    for (;;) {
      const transaction = await db.startTransaction();
      try {
        const { data } = await transaction.collection('notes').doc('a').get();
        await transaction
          .collection('notes')
          .doc('a')
          .update({ n: data.n + 1 });
        await transaction.commit();
        return;
      } catch (cause) {
        if ((cause as { code: string }).code !== 'DATABASE_TRANSACTION_CONFLICT') throw cause;
      }
    }
  };
  await Promise.all(Array.from({ length: 20 }, addOne));
  expect(await numberOf(db, 'a')).toBe(20);
});

it('where().update inside a transaction runs outside of it, as in the SDK', async () => {
  const db = await notes();
  const transaction = await db.startTransaction();
  await transaction.collection('notes').doc('b').get();
  await transaction.collection('notes').where({ _id: 'a' }).update({ n: 1 });
  await transaction.rollback();
  expect(await numberOf(db, 'a')).toBe(1);
});

it('adding an id that another added since the snapshot is a conflict, so that a retry sees it', async () => {
  const db = await notes();
  const transaction = await db.startTransaction();
  await transaction.collection('notes').doc('new').get();
  await db.collection('notes').add({ _id: 'new', n: 1 });
  const add = transaction.collection('notes').add({ _id: 'new', n: 2 });
  expect(await refusal(add)).toContain('DATABASE_TRANSACTION_CONFLICT');
});

it('any refused operation ends a transaction', async () => {
  const db = await notes();
  const transaction = await db.startTransaction();
  await transaction.collection('notes').doc('b').update({ n: 1 });
  expect(await refusal(transaction.collection('notes').add({ _id: 'a' }))).toContain('E11000');
  expect(await refusal(transaction.commit())).toContain('DATABASE_TRANSACTION_FAIL');
  expect(await numberOf(db, 'b')).toBe(0);
});

it('a value of a unique index that another committed since the snapshot is a conflict', async () => {
  const db = await notes();
  const transaction = await db.startTransaction();
  await transaction.collection('notes').doc('a').get();
  await db.collection('days').add({ owner: 'x', day: '20' });
  const add = transaction.collection('days').add({ owner: 'x', day: '20' });
  expect(await refusal(add)).toContain('DATABASE_TRANSACTION_CONFLICT');
});
