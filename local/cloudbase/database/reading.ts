import type { Collection } from './collection.ts';
import { matcher } from './matching.ts';
import { choosePlan, type Plan } from './planner.ts';
import type { UnitOfWork } from './unit-of-work.ts';
import { type Doc, type Sort, sorter } from './values.ts';

export interface FindOptions {
  filter: Record<string, unknown>;
  sort?: Sort;
  skip?: number;
  limit?: number;
}

/** Called with the number of documents that a read examined, whether or not they matched. */
export type OnDocumentsExamined = (collection: string, documents: number) => void;

/** The matching documents, in order; reads as few documents as the indexes allow. */
export function find(
  unit: UnitOfWork,
  collection: Collection,
  wanted: FindOptions,
  countRead: OnDocumentsExamined,
): Doc[] {
  const { filter, sort = [], skip = 0, limit = Number.POSITIVE_INFINITY } = wanted;
  const matches = matcher(filter);
  const plan = choosePlan(collection.indexes, filter, sort, skip + limit);
  const unindexedKeys = unit.unindexedKeys(collection);
  const inOrder = sort.length === 0 || (plan?.sorted === true && unindexedKeys.size === 0);
  const enough = inOrder ? skip + limit : Number.POSITIVE_INFINITY;

  const found: Doc[] = [];
  let examined = 0;
  if (enough > 0) {
    for (const key of candidates(collection, plan, unindexedKeys)) {
      const doc = unit.get(collection, key);
      if (!doc) continue;
      examined++;
      if (matches(doc) && found.push(doc) >= enough) break;
    }
  }
  countRead(collection.name, examined);
  if (!inOrder) found.sort(sorter(sort));
  return found.slice(skip, skip + limit);
}

function* candidates(
  collection: Collection,
  plan: Plan | undefined,
  unindexedKeys: ReadonlySet<string>,
): Generator<string> {
  if (plan) {
    const given = plan.index.hasArrays ? new Set<string>() : undefined;
    for (const range of plan.ranges)
      for (const key of plan.index.scan(range, plan.reverse)) {
        if (unindexedKeys.has(key) || given?.has(key)) continue;
        given?.add(key);
        yield key;
      }
  } else {
    for (const key of collection.keys()) if (!unindexedKeys.has(key)) yield key;
  }
  yield* unindexedKeys;
}
