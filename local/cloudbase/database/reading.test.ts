import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Collection } from './collection.ts';
import { Locks } from './locks.ts';
import { matcher } from './matching.ts';
import type { IndexSpec } from './ordered-index.ts';
import { type FindOptions, find } from './reading.ts';
import { UnitOfWork } from './unit-of-work.ts';
import { type Doc, sorter } from './values.ts';

const INDEXES: IndexSpec[] = [
  {
    name: 'owner_newest',
    unique: false,
    fields: [
      { path: 'owner', direction: 1 },
      { path: 'at', direction: -1 },
      { path: '_id', direction: -1 },
    ],
  },
  { name: 'deleted', unique: false, fields: [{ path: 'deletedAt', direction: 1 }] },
];

function collectionOf(docs: Iterable<Doc>, indexes = INDEXES): Collection {
  const collection = new Collection('notes', indexes);
  for (const doc of docs) collection.apply(String(doc._id), doc, 0, false);
  return collection;
}

function read(collection: Collection, wanted: FindOptions): { docs: Doc[]; examined: number } {
  let examined = 0;
  const docs = find(new UnitOfWork(new Locks()), collection, wanted, (_, documents) => {
    examined += documents;
  });
  return { docs, examined };
}

describe('documents examined', () => {
  const PER_OWNER = 100;
  const owners = Array.from({ length: 100 }, (_, i) => `owner${i}`);
  const collection = collectionOf(
    owners.flatMap((owner) =>
      Array.from({ length: PER_OWNER }, (_, i) => ({
        _id: `${owner}-${String(i).padStart(3, '0')}`,
        owner,
        at: new Date(i * 1000),
        deletedAt: i === 7 ? new Date(5) : null,
        words: i % 10,
      })),
    ),
  );
  const newest = [
    ['at', -1],
    ['_id', -1],
  ] as const;

  it('a page in index order examines only the page', () => {
    const { docs, examined } = read(collection, { filter: { owner: 'owner3' }, sort: newest, limit: 20 });
    expect([docs.length, docs[0]?._id, examined]).toEqual([20, 'owner3-099', 20]);
  });

  it('the same page backwards is read from the other end', () => {
    const oldest = [
      ['at', 1],
      ['_id', 1],
    ] as const;
    const { docs, examined } = read(collection, { filter: { owner: 'owner3' }, sort: oldest, limit: 5 });
    expect([docs[0]?._id, examined]).toEqual(['owner3-000', 5]);
  });

  it('a bound on the next field starts in the middle', () => {
    const filter = { owner: 'owner3', $and: [{ at: { $lte: new Date(50_000) } }] };
    const { docs, examined } = read(collection, { filter, sort: newest, limit: 10 });
    expect([docs[0]?._id, examined]).toEqual(['owner3-050', 10]);
  });

  it('what the index does not know is examined and counted', () => {
    const { docs, examined } = read(collection, {
      filter: { owner: 'owner3', words: 4 },
      sort: newest,
      limit: 2,
    });
    expect([docs.map(({ _id }) => _id), examined]).toEqual([['owner3-094', 'owner3-084'], 16]);
  });

  it('a range of dates does not walk through nulls', () => {
    const { docs, examined } = read(collection, { filter: { deletedAt: { $lt: new Date(10) } } });
    expect([docs.length, examined]).toEqual([100, 100]);
  });

  it('an id examines one document, a list of ids those', () => {
    expect(read(collection, { filter: { _id: 'owner1-001', words: 1 } }).examined).toBe(1);
    expect(
      read(collection, { filter: { _id: { $in: ['owner1-001', 'owner2-002', 'none'] } } }).examined,
    ).toBe(2);
  });

  it('an index for the order alone does not lead through other owners', () => {
    const { docs, examined } = read(collection, {
      filter: { owner: 'owner50' },
      sort: [['_id', 1]],
      limit: 20,
    });
    expect([docs[0]?._id, examined]).toEqual(['owner50-000', PER_OWNER]);
  });

  it('an order without an index, or no index at all, examines everything that may match', () => {
    expect(read(collection, { filter: { owner: 'owner3' }, sort: [['words', 1]], limit: 1 }).examined).toBe(
      PER_OWNER,
    );
    expect(read(collection, { filter: { words: 4 } }).examined).toBe(100 * PER_OWNER);
  });
});

describe('an array on an indexed field', () => {
  const TAGGED: IndexSpec = {
    name: 'tag_newest',
    unique: false,
    fields: [
      { path: 'tags', direction: 1 },
      { path: 'at', direction: -1 },
    ],
  };
  const collection = collectionOf(
    Array.from({ length: 100 }, (_, i) => ({
      _id: i,
      at: new Date(i),
      ...(i % 10 === 0 && { tags: ['work', `t${i}`, 'work'] }),
    })),
    [TAGGED],
  );
  const newest = [['at', -1]] as const;

  it('is found by each of its elements, in the order of what follows in the index', () => {
    const { docs, examined } = read(collection, { filter: { tags: 'work' }, sort: newest, limit: 3 });
    expect([docs.map(({ _id }) => _id), examined]).toEqual([[90, 80, 70], 3]);
    expect(read(collection, { filter: { tags: 't30' } }).examined).toBe(1);
  });

  it('is given once, whichever of its elements are asked for', () => {
    const { docs, examined } = read(collection, { filter: { tags: { $in: ['t90', 'work'] } } });
    expect([docs.length, examined]).toEqual([10, 10]);
  });

  it('is found no more under an element that was taken away', () => {
    const doc = { _id: 1_000, at: new Date(1_000), tags: ['a', 'b'] };
    collection.apply('1000', doc, 1, false);
    collection.apply('1000', { ...doc, tags: ['b'] }, 2, false);
    expect(read(collection, { filter: { tags: 'a' } })).toEqual({ docs: [], examined: 0 });
    expect(read(collection, { filter: { tags: 'b' } }).docs).toHaveLength(1);
  });

  it('that meets two bounds with different elements is found', () => {
    const doc = { _id: 'a', tags: [1, 9] };
    const filter = { tags: { $gte: 4, $lt: 6 } };
    expect(read(collectionOf([doc], [TAGGED]), { filter }).docs).toEqual([doc]);
  });
});

it('an order by a field that is an array in some documents is not taken as given by the filter', () => {
  const list = { _id: 'a', owner: 'x', at: [1, 2] };
  const single = { _id: 'b', owner: 'x', at: 1 };
  const wanted = { filter: { at: 1 }, sort: [['at', 1] as const, ['_id', 1] as const] };
  expect(read(collectionOf([list, single]), wanted).docs).toEqual([single, list]);
});

describe('with indexes as without', () => {
  const scalar = fc.oneof(
    fc.constantFrom(null, undefined, true, false),
    fc.integer({ min: 0, max: 4 }),
    fc.constantFrom('', 'a', 'b', '你'),
    fc.integer({ min: 0, max: 4 }).map((ms) => new Date(ms)),
  );
  const INDEXED_TWICE: IndexSpec[] = [
    ...INDEXES,
    {
      name: 'at_deleted',
      unique: false,
      fields: [
        { path: 'at', direction: -1 },
        { path: 'deletedAt', direction: 1 },
        { path: '_id', direction: 1 },
      ],
    },
  ];
  const docs = fc.uniqueArray(
    fc.record({
      _id: fc.string({ minLength: 1, maxLength: 3 }),
      owner: scalar,
      at: fc.oneof(
        { weight: 9, arbitrary: scalar },
        { weight: 2, arbitrary: fc.array(scalar, { maxLength: 3 }) },
      ),
      deletedAt: scalar,
    }),
    { selector: ({ _id }) => _id, maxLength: 30 },
  );
  const present = scalar.map((value) => value ?? null);
  const condition = fc.oneof(
    present,
    present.map((value) => ({ $eq: value })),
    fc.array(present, { minLength: 1, maxLength: 3 }).map((values) => ({ $in: values })),
    fc
      .record({ $gte: present, $lt: present }, { requiredKeys: [] })
      .filter((range) => Object.keys(range).length > 0),
  );
  const field = fc.constantFrom('owner', 'at', 'deletedAt');
  const filter = fc.dictionary(field, condition, { maxKeys: 2, noNullPrototype: true });
  const sort = fc.uniqueArray(fc.tuple(field, fc.constantFrom<1 | -1>(1, -1)), {
    selector: ([path]) => path,
    maxLength: 3,
  });

  it('a read finds the same documents in the same order', () => {
    fc.assert(
      fc.property(
        docs,
        docs,
        filter,
        sort,
        fc.nat(3),
        fc.integer({ min: 1, max: 10 }),
        (older, newer, wanted, order, skip, limit) => {
          const collection = collectionOf(older, INDEXED_TWICE);
          for (const doc of newer) collection.apply(doc._id, doc, 1, false);
          const all = [...collection.docs()];
          const total = [...order, ['_id', 1] as const];
          const matches = matcher(wanted);
          const expected = all
            .filter(matches)
            .sort(sorter(total))
            .slice(skip, skip + limit);
          const found = read(collection, { filter: wanted, sort: total, skip, limit }).docs;
          expect(found).toEqual(expected);
          const unordered = read(collection, { filter: wanted }).docs;
          expect(new Set(unordered)).toEqual(new Set(all.filter(matches)));
        },
      ),
      { numRuns: 500 },
    );
  });
});
