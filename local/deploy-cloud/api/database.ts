import { ApiError, invalidParameter, notFound } from '../errors.ts';
import type { Handler, Params } from '../params.ts';
import { inEnvironment, list, record, text } from '../params.ts';
import type { CloudState, Collection, Index } from '../state.ts';

interface NewIndex {
  IndexName: string;
  MgoKeySchema: { MgoIsUnique: boolean; MgoIndexKeys: { Name: string; Direction: string }[] };
}

const LABELS: ReadonlySet<unknown> = new Set(['READONLY', 'PRIVATE', 'ADMINWRITE', 'ADMINONLY']);
/** Of a new collection, as the console shows it. */
const DEFAULT_ACL = 'PRIVATE';

function collectionOf(name: string, { collections }: CloudState): Collection {
  const found = collections.get(name);
  if (!found) throw notFound(`Db or Table ${name}`);
  return found;
}

/** Calls about tables name the database instance. */
function checkConnector(params: Params, { databases }: CloudState): void {
  const { DatabaseName, InstanceId } = record(params, 'MongoConnector');
  if (InstanceId !== 'flexdb' || DatabaseName !== databases[0]?.InstanceId)
    throw invalidParameter('MongoConnector is wrong');
}

const aboutTables = (handler: Handler): Handler =>
  inEnvironment('EnvId', (params, state) => {
    checkConnector(params, state);
    return handler(params, state);
  });

function addIndex(collection: Collection, { IndexName, MgoKeySchema }: NewIndex): void {
  if (collection.indexes.some(({ Name }) => Name === IndexName))
    throw new ApiError('ResourceInUse', `index ${IndexName} exists`);
  const { MgoIsUnique: Unique, MgoIndexKeys: Keys } = MgoKeySchema;
  if (typeof Unique !== 'boolean' || !Array.isArray(Keys) || Keys.length === 0)
    throw invalidParameter(`MgoKeySchema of ${IndexName} is wrong`);
  collection.indexes.push({ Name: IndexName, Unique, Keys });
}

const ID_INDEX: Index = { Name: '_id_', Unique: true, Keys: [{ Name: '_id', Direction: '1' }] };

export const DATABASE_ACTIONS: Readonly<Record<string, Handler>> = {
  'tcb.ListTables': aboutTables((params, { collections }) => {
    const { MgoLimit = 10, MgoOffset = 0 } = params as { MgoLimit?: number; MgoOffset?: number };
    const names = [...collections.keys()].slice(MgoOffset, MgoOffset + MgoLimit);
    return {
      Tables: names.map((TableName) => ({ TableName, Count: 0, Size: 0 })),
      Pager: { Offset: MgoOffset, Limit: MgoLimit, Total: collections.size },
    };
  }),
  'tcb.DescribeTable': aboutTables((params, state) => {
    const { indexes } = collectionOf(text(params, 'TableName'), state);
    const Indexes = [ID_INDEX, ...indexes].map((index) => ({
      ...index,
      Size: 4096,
      Accesses: { Ops: 0, Since: '' },
    }));
    return { Indexes, IndexNum: Indexes.length };
  }),
  'tcb.CreateTable': aboutTables((params, { collections }) => {
    const name = text(params, 'TableName');
    if (collections.has(name)) throw new ApiError('ResourceInUse', `Table ${name} exists`);
    collections.set(name, { acl: DEFAULT_ACL, indexes: [] });
    return {};
  }),
  'tcb.UpdateTable': aboutTables((params, state) => {
    const collection = collectionOf(text(params, 'TableName'), state);
    for (const index of list<NewIndex>(params, 'CreateIndexes')) addIndex(collection, index);
    return {};
  }),
  'tcb.DescribeDatabaseACL': inEnvironment('EnvId', (params, state) => ({
    AclTag: collectionOf(text(params, 'CollectionName'), state).acl,
  })),
  'tcb.ModifyDatabaseACL': inEnvironment('EnvId', (params, state) => {
    if (!LABELS.has(params.AclTag)) throw invalidParameter('AclTag is wrong');
    collectionOf(text(params, 'CollectionName'), state).acl = text(params, 'AclTag');
    return {};
  }),
};
