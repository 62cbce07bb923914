import { expect, it } from 'vitest';
import { Database, type Persist } from './database.ts';

function databaseWith(persist: Persist): Database {
  const database = new Database(
    new Map([
      ['notes', []],
      ['days', []],
    ]),
    persist,
  );
  database.load(new Map());
  return database;
}
function addToBoth(database: Database): void {
  const unit = database.createPlainUnit();
  unit.insert(database.collection('notes'), { _id: 'a' });
  unit.insert(database.collection('days'), { _id: 'b' });
  database.commit(unit.changes);
}
const idsIn = (database: Database): unknown[] =>
  [...database.collections].flatMap((collection) => [...collection.docs()].map(({ _id }) => _id));

it('a commit is persisted as one batch, before it takes effect', () => {
  const persisted: string[] = [];
  const database = databaseWith((record) => {
    if ('changes' in record)
      persisted.push(`${record.changes.map(({ id }) => id)} with ${idsIn(database).length} there`);
  });
  addToBoth(database);
  expect(persisted).toEqual(['a,b with 0 there']);
  expect(idsIn(database)).toEqual(['a', 'b']);
});

it('a commit that could not be persisted takes no effect', () => {
  const database = databaseWith((record) => {
    if ('changes' in record) throw new Error('ENOSPC');
  });
  expect(() => addToBoth(database)).toThrow('ENOSPC');
  expect(idsIn(database)).toEqual([]);
});
