import type { CollectionSpec, IndexSpec } from './description.ts';
import type { Cloud, CloudIndex, NewCloudIndex } from './manager.ts';
import { aclText, collectionText, indexText } from './words.ts';
import type { Work } from './works.ts';

/** Collections are listed in pages of this many. */
const PAGE = 100;
/** MongoDB's own. */
const ID_INDEX = '_id_';

/** A collection as it is; undefined: there is none. */
export interface FoundCollection {
  indexes: readonly CloudIndex[];
  acl: string;
}

export interface CollectionDifference {
  create: boolean;
  newIndexes: IndexSpec[];
  setAcl: boolean;
  changes: string[];
  notes: string[];
  problems: string[];
}

const keysText = (keys: readonly { Name?: string; Direction?: string }[]): string =>
  keys.map(({ Name, Direction }) => `${Name} ${Direction}`).join(', ');

const isSame = (spec: IndexSpec, { Unique = false, Keys = [] }: CloudIndex): boolean =>
  spec.unique === Unique &&
  keysText(Keys) === keysText(spec.keys.map(({ name, direction }) => ({ Name: name, Direction: direction })));

/** What a collection lacks of its description. Nothing is ever taken away from it. */
export function compareCollection(
  spec: CollectionSpec,
  found: FoundCollection | undefined,
): CollectionDifference {
  if (!found)
    return {
      create: true,
      newIndexes: spec.createIndexes,
      setAcl: true,
      changes: [`新建，${collectionText(spec)}`],
      notes: [],
      problems: [],
    };
  const byName = new Map(found.indexes.map((index) => [index.Name, index]));
  const newIndexes = spec.createIndexes.filter(({ name }) => !byName.has(name));
  const different = spec.createIndexes.filter((index) => {
    const there = byName.get(index.name);
    return there !== undefined && !isSame(index, there);
  });
  const described = new Set([ID_INDEX, ...spec.createIndexes.map(({ name }) => name)]);
  const others = [...byName.keys()].filter((name) => !described.has(name));
  const setAcl = found.acl !== spec.aclTag;
  return {
    create: false,
    newIndexes,
    setAcl,
    changes: [
      ...newIndexes.map((index) => `新建索引 ${indexText(index)}`),
      ...(setAcl ? [`权限由「${aclText(found.acl)}」改为「${aclText(spec.aclTag)}」`] : []),
    ],
    notes: others.length > 0 ? [`描述之外的索引保留：${others.join('、')}`] : [],
    problems: different.map(
      (index) => `同名的索引不一样，应为 ${indexText(index)}：在控制台删除 ${index.name}，再运行一次`,
    ),
  };
}

async function collectionNames({ manager }: Cloud): Promise<Set<string>> {
  const names = new Set<string>();
  for (let total = 1, offset = 0; offset < total; offset += PAGE) {
    const page = await manager.database.listCollections({ MgoLimit: PAGE, MgoOffset: offset });
    for (const { CollectionName } of page.Collections) names.add(CollectionName);
    total = page.Pager.Total;
  }
  return names;
}

async function readCollection(cloud: Cloud, name: string): Promise<FoundCollection> {
  const { Indexes = [] } = await cloud.manager.database.describeCollection(name);
  const { AclTag = '' } = await cloud.tcb<{ AclTag?: string }>('DescribeDatabaseACL', {
    CollectionName: name,
  });
  return { indexes: Indexes, acl: AclTag };
}

const asCloudIndex = ({ name, unique, keys }: IndexSpec): NewCloudIndex => ({
  IndexName: name,
  MgoKeySchema: {
    MgoIsUnique: unique,
    MgoIndexKeys: keys.map((key) => ({ Name: key.name, Direction: key.direction })),
  },
});

/** Compares the collections with their description. */
export async function databaseWorks(cloud: Cloud, specs: readonly CollectionSpec[]): Promise<Work[]> {
  const names = await collectionNames(cloud);
  const works: Work[] = [];
  for (const spec of specs) {
    const name = spec.collectionName;
    const found = names.has(name) ? await readCollection(cloud, name) : undefined;
    const { create, newIndexes, setAcl, ...told } = compareCollection(spec, found);
    works.push({
      part: 'database',
      subject: `集合 ${name}`,
      isNew: create,
      ...told,
      async run(tell) {
        const { database } = cloud.manager;
        if (create) await database.createCollection(name);
        // before there is anything in it that somebody could read
        if (setAcl) await cloud.tcb('ModifyDatabaseACL', { CollectionName: name, AclTag: spec.aclTag });
        if (newIndexes.length === 0) return;
        tell('正在建索引');
        await database.updateCollection(name, { CreateIndexes: newIndexes.map(asCloudIndex) });
      },
    });
  }
  return works;
}
