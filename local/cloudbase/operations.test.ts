import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gateway } from './gateway.ts';
import { connect, type Database, startTestGateway } from './testing/start.ts';

const TABLE = fileURLToPath(new URL('./testing/operations.cjs', import.meta.url));
const { OPERATIONS } = createRequire(import.meta.url)(TABLE) as {
  OPERATIONS: Record<string, (db: Database, run: string) => Promise<unknown>>;
};

const EXPECTED: Record<string, unknown> = {
  'values come back as they were written': {
    owner: '',
    big: 1700000000000,
    half: 1.5,
    no: null,
    yes: true,
    at: '1970-01-01T00:00:00.005Z',
    list: [1, { a: 'ü' }],
    sameId: true,
    dates: [true, true],
  },
  'a query orders, skips, limits and projects': {
    page: [{ n: 4 }, { n: 3 }],
    all: [5, 4, 3, 2, 1],
    up: [1, 2, 3, 4, 5],
  },
  'query commands select': {
    range: [2, 3, 4],
    in: [1, 5],
    nin: [2, 3, 4],
    not: [1, 3, 4, 5],
    or: [1, 3],
    exists: [1, 2, 3],
    absentIsNull: [4, 5],
    element: [2],
    all: [2],
    size: [3],
    nested: [4],
    dates: [2, 3],
    regexp: [3, 4],
    chinese: [2],
  },
  'elemMatch looks into objects only': { fields: [2], values: [1] },
  'count counts': 3,
  'update commands change a document': {
    n: 11,
    tags: ['a', 'x', 'y'],
    meta: { keep: 1, added: true },
    low: 3,
    whole: { b: 2 },
    deep: { path: 'v' },
    updated: 1,
  },
  'a conditional update changes all that match, and says how many': [2, 0, [1, 2, 3, 40, 50]],
  'set replaces or creates': { n: 2 },
  'remove removes one or all that match': [1, 2, 2],
  'an aggregation groups, sorts and joins': {
    groups: [
      { _id: false, sum: 3, texts: ['你好，世界', '今天天气'] },
      { _id: true, sum: 12, texts: ['Hello', 'hello again', null] },
    ],
    joined: [{ day: '1970-01-01 08', labels: ['joined'] }],
  },
  'a transaction is seen only once committed, and all of it': { result: 'done', seen: [1], after: [2, 10] },
  'a transaction rolled back leaves nothing': { why: 'changed my mind', after: [1] },
  'what MongoDB refuses is refused': {
    belowNull: true,
    belowScalar: true,
    incString: true,
    incNull: true,
    pushToNumber: true,
    duplicateId: true,
    missingCollection: true,
    existingCollection: true,
    dollarField: true,
    unchanged: '{"none":null,"word":"w","list":[1],"n":1}',
  },
  'a unique index takes one document per key, and one without': {
    same: true,
    missingTwice: true,
    byUpdate: true,
    count: 3,
  },
};

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startTestGateway({ keep: true });
});
afterAll(() => gateway.stop());

describe.each(Object.entries(OPERATIONS))('%s', (name, operation) => {
  it('through node-sdk', async () => {
    const result = await operation(connect(gateway.adminUrl).database(), `node ${name}`);
    expect(JSON.parse(JSON.stringify(result))).toEqual(EXPECTED[name]);
  });

  it('through wx-server-sdk in a function', async () => {
    const result = await gateway.callFunction('operations', { table: TABLE, name, run: `wx ${name}` });
    expect(result).toEqual(EXPECTED[name]);
  });
});
