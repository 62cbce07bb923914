import { Context } from 'mingo';
import * as accumulators from 'mingo/operators/accumulator';
import * as expressions from 'mingo/operators/expression';
import * as stages from 'mingo/operators/pipeline';
import * as projections from 'mingo/operators/projection';
import * as queries from 'mingo/operators/query';
import { $elemMatch as vendorElemMatch } from 'mingo/operators/query/array';
import * as windows from 'mingo/operators/window';
import { Query } from 'mingo/query';
import type { Options } from 'mingo/types';
import { resolve } from 'mingo/util';
import { requestFailed } from '../errors.ts';
import { isPlainObject } from './values.ts';

type Filter = Record<string, unknown>;

/**
 * Conditions on the fields of an array's elements hold only for elements that are objects; mingo also applies them
 * to scalars. Conditions on the elements themselves (`{ $gt: 3 }`) are left to mingo.
 */
function $elemMatch(selector: string, criteria: unknown, options: Options): (doc: unknown) => boolean {
  if (!isPlainObject(criteria)) throw requestFailed('$elemMatch needs an Object');
  const names = Object.keys(criteria);
  if (names.some((name) => name.startsWith('$') && !/^\$(and|or|nor)$/.test(name)))
    return vendorElemMatch(selector, criteria, options) as (doc: unknown) => boolean;
  const query = new Query(criteria, options);
  return (doc) => {
    const list: unknown = resolve(doc as Filter, selector, { unwrapArray: true });
    return Array.isArray(list) && list.some((item) => isPlainObject(item) && query.test(item));
  };
}

/** mingo's operators with the corrections above; scripts are refused as in the cloud. */
export const QUERY_OPTIONS = {
  context: Context.init({
    accumulator: accumulators,
    expression: expressions,
    pipeline: stages,
    projection: projections,
    query: { ...queries, $elemMatch },
    window: windows,
  }),
  scriptEnabled: false,
} as const;

/** A filter compiled once; a filter that MongoDB would refuse throws DATABASE_REQUEST_FAILED. */
export function matcher(filter: Filter): (doc: object) => boolean {
  const query = withMingoErrors(() => new Query(filter, QUERY_OPTIONS));
  return (doc) => withMingoErrors(() => query.test(doc as Filter));
}

export function project(docs: readonly object[], projection: Filter): unknown[] {
  if (Object.keys(projection).length === 0) return [...docs];
  return withMingoErrors(() => new Query({}, QUERY_OPTIONS).find([...docs], projection).all());
}

/** Turns what mingo throws into the answer that the cloud gives. */
export function withMingoErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'MingoError') throw requestFailed(cause.message);
    throw cause;
  }
}
