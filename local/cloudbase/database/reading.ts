import type { Collection } from './collection.ts';
import { matcher } from './matching.ts';
import { choosePlan, type Plan } from './planner.ts';
import type { Unit } from './unit.ts';
import { type Doc, type Sort, sorter } from './values.ts';

export interface Find {
  filter: Record<string, unknown>;
  sort?: Sort;
  skip?: number;
  limit?: number;
}

/** Is told of every document that a read examined, whether or not it matched. */
export type CountRead = (collection: string, documents: number) => void;

/** The matching documents, in order; reads as few documents as the indexes allow. */
export function find(unit: Unit, collection: Collection, wanted: Find, countRead: CountRead): Doc[] {
  const { filter, sort = [], skip = 0, limit = Number.POSITIVE_INFINITY } = wanted;
  const matches = matcher(filter);
  const plan = choosePlan(collection.indexes, filter, sort, skip + limit);
  const deviating = unit.deviating(collection);
  const inOrder = sort.length === 0 || (plan?.sorted === true && deviating.size === 0);
  const enough = inOrder ? skip + limit : Number.POSITIVE_INFINITY;

  const found: Doc[] = [];
  let examined = 0;
  if (enough > 0) {
    for (const key of candidates(collection, plan, deviating)) {
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
  deviating: ReadonlySet<string>,
): Generator<string> {
  if (plan) {
    for (const range of plan.ranges)
      for (const key of plan.index.scan(range, plan.reverse)) if (!deviating.has(key)) yield key;
  } else {
    for (const key of collection.keys()) if (!deviating.has(key)) yield key;
  }
  yield* deviating;
}
