import { ProcessingMode } from 'mingo';
import { Aggregator } from 'mingo/aggregator';
import { invalidParam } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Collection } from './collection.ts';
import { parseEjson, parseEjsonObject, toEjson } from './ejson.ts';
import { project, QUERY_OPTIONS, withMingoErrors } from './matching.ts';
import { type FindOptions, find, type OnDocumentsExamined } from './reading.ts';
import type { UnitOfWork } from './unit-of-work.ts';
import { applyUpdate, newDocument } from './update-document.ts';
import { type Doc, isPlainObject, type Sort } from './values.ts';

/** A request's JSON body. */
export type Params = Readonly<Record<string, unknown>>;

/** What an operation works with. */
export interface Scope {
  unit: UnitOfWork;
  collection: (name: string) => Collection;
  countRead: OnDocumentsExamined;
  /** Epoch ms that `db.serverDate()` stands for in this request. */
  now: number;
}

type Operation = (params: Params, scope: Scope) => unknown;

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** Operations on documents by the name after `database.`; each returns the answer's `data`. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  insertDocument(params, scope) {
    const collection = collectionOf(params, scope);
    const list = Array.isArray(params.data) ? params.data : [params.data];
    const insertedIds = list.map((text) => {
      const { _id, ...fields } = parseEjsonObject(text, scope.now);
      const doc = newDocument(_id ?? newId(), fields);
      scope.unit.insert(collection, doc);
      return doc._id;
    });
    return { insertedIds };
  },

  getDocument(params, scope) {
    const sort = sortOf(params, scope);
    const limit = params.queryType === 'DOC' ? 1 : count(params.limit, 'limit', DEFAULT_LIMIT);
    if (limit > MAX_LIMIT) throw invalidParam(`limit ${limit} exceeds the maximum of ${MAX_LIMIT}`);
    const docs = read(params, scope, { sort, skip: count(params.offset, 'offset', 0), limit });
    return { list: project(docs, parseEjsonObject(params.projection, scope.now)).map(toEjson) };
  },

  calculateDocument: (params, scope) => ({ total: read(params, scope).length }),

  modifyDocument(params, scope) {
    const hits = read(params, scope, params.multi === true ? {} : { limit: 1 });
    const first = hits[0];
    if (!first && params.upsert === true) return upsert(params, scope);
    return { updated: hits.filter((doc) => modify(params, scope, doc) !== doc).length, upsert_id: null };
  },

  modifyAndReturnDoc(params, scope) {
    const [doc] = read(params, scope, { limit: 1 });
    if (!doc) return { updated: 0, doc: null };
    return { updated: 1, doc: toEjson(modify({ ...params, merge: true }, scope, doc)) };
  },

  removeDocument(params, scope) {
    const collection = collectionOf(params, scope);
    const hits = read(params, scope, params.multi === true ? {} : { limit: 1 });
    for (const doc of hits) scope.unit.remove(collection, doc);
    return { deleted: hits.length };
  },

  aggregateDocuments(params, scope) {
    if (!Array.isArray(params.stages)) throw invalidParam('stages must be an array');
    const stages = params.stages.map((stage: unknown) => {
      if (!isPlainObject(stage)) throw invalidParam('a stage must be an object');
      return { [String(stage.stageKey)]: parseEjson(stage.stageValue, scope.now) };
    });
    const source = find(scope.unit, collectionOf(params, scope), leading(stages), scope.countRead);
    const everything = (name: string): Record<string, unknown>[] =>
      find(scope.unit, scope.collection(name), { filter: {} }, scope.countRead);
    const options = {
      ...QUERY_OPTIONS,
      collectionResolver: everything,
      processingMode: ProcessingMode.CLONE_INPUT,
    };
    return { list: withMingoErrors(() => new Aggregator(stages, options).run(source)).map(toEjson) };
  },
};

/** What the first stages ask of the collection; they run again on what was found, which changes nothing. */
function leading(stages: readonly Record<string, unknown>[]): FindOptions {
  const [first, ...rest] = stages;
  const filter = isPlainObject(first?.$match) ? first.$match : undefined;
  const [next, limit] = filter ? rest : stages;
  const sort = isPlainObject(next?.$sort) ? Object.entries(next.$sort) : [];
  if (sort.length === 0 || !sort.every(isDirected)) return { filter: filter ?? {} };
  const most = Number.isSafeInteger(limit?.$limit) ? Number(limit?.$limit) : undefined;
  return { filter: filter ?? {}, sort, ...(most === undefined ? {} : { limit: most }) };
}

const isDirected = (entry: [string, unknown]): entry is [string, 1 | -1] => entry[1] === 1 || entry[1] === -1;

function modify(params: Params, scope: Scope, before: Doc): Doc {
  const data = parseEjsonObject(params.data, scope.now);
  const after =
    params.merge === true ? applyUpdate(before, data, filterOf(params, scope)) : replaced(before, data);
  if (after !== before) scope.unit.replace(collectionOf(params, scope), before, after);
  return after;
}

function replaced(before: Doc, data: Record<string, unknown>): Doc {
  const { _id, ...fields } = data;
  const after = newDocument(before._id, fields);
  return toEjson(after) === toEjson(before) ? before : after;
}

function upsert(params: Params, scope: Scope): unknown {
  const data = parseEjsonObject(params.data, scope.now);
  const { _id, ...known } = equalities(filterOf(params, scope));
  const blank = newDocument(_id ?? newId(), params.merge === true ? known : data);
  const doc = params.merge === true ? applyUpdate(blank, data, {}) : blank;
  scope.unit.insert(collectionOf(params, scope), doc);
  return { updated: 0, upsert_id: doc._id };
}

/** The fields that a filter fixes: what an upserted document starts from. */
const equalities = (filter: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(filter).filter(
      ([path, value]) =>
        !path.startsWith('$') &&
        !(isPlainObject(value) && Object.keys(value).some((key) => key.startsWith('$'))),
    ),
  );

const read = (
  params: Params,
  scope: Scope,
  wanted: { sort?: Sort; skip?: number; limit?: number } = {},
): Doc[] =>
  find(
    scope.unit,
    collectionOf(params, scope),
    { filter: filterOf(params, scope), ...wanted },
    scope.countRead,
  );

function collectionOf(params: Params, scope: Scope): Collection {
  if (typeof params.collectionName !== 'string' || params.collectionName === '')
    throw invalidParam('collectionName is missing');
  return scope.collection(params.collectionName);
}

const filterOf = (params: Params, scope: Scope): Record<string, unknown> =>
  parseEjsonObject(params.query, scope.now);

function sortOf(params: Params, scope: Scope): Sort {
  const order = parseEjsonObject(params.order, scope.now);
  return Object.entries(order).map(([path, direction]) => {
    if (direction !== 1 && direction !== -1) throw invalidParam(`order of ${path} must be 1 or -1`);
    return [path, direction];
  });
}

function count(value: unknown, name: string, fallback: number): number {
  if (value === undefined || value === null) return fallback;
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw invalidParam(`${name} must be a whole number`);
  return value as number;
}
