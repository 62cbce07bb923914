import { expect, it } from 'vitest';
import { Database, type Keep } from './database.ts';

function databaseWith(keep: Keep): Database {
  const database = new Database(
    new Map([
      ['notes', []],
      ['days', []],
    ]),
    keep,
  );
  database.load(new Map());
  return database;
}
function addToBoth(database: Database): void {
  const unit = database.plainUnit();
  unit.insert(database.collection('notes'), { _id: 'a' });
  unit.insert(database.collection('days'), { _id: 'b' });
  database.commit(unit.changes);
}
const idsIn = (database: Database): unknown[] =>
  [...database.collections].flatMap((collection) => [...collection.docs()].map(({ _id }) => _id));

it('a commit is kept as one batch, before it takes effect', () => {
  const kept: string[] = [];
  const database = databaseWith((record) => {
    if ('changes' in record)
      kept.push(`${record.changes.map(({ id }) => id)} with ${idsIn(database).length} there`);
  });
  addToBoth(database);
  expect(kept).toEqual(['a,b with 0 there']);
  expect(idsIn(database)).toEqual(['a', 'b']);
});

it('a commit that could not be kept takes no effect', () => {
  const database = databaseWith((record) => {
    if ('changes' in record) throw new Error('ENOSPC');
  });
  expect(() => addToBoth(database)).toThrow('ENOSPC');
  expect(idsIn(database)).toEqual([]);
});
