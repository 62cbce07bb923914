import type { KeyRange, OrderedIndex, ValueRange } from './ordered-index.ts';
import { isPlainObject, type Sort, typeRank } from './values.ts';

/** What a filter demands of one field, as far as an index can use it. */
interface FieldCondition {
  /** One value, or those of an `$in`. */
  equals?: unknown[];
  range?: ValueRange;
}

/** How to read: these ranges of this index, one after the other. */
export interface Plan {
  index: OrderedIndex;
  ranges: KeyRange[];
  reverse: boolean;
  /** The documents come in the wanted order. */
  sorted: boolean;
}

/** Alternatives of an `$in` that are looked up one by one; above it the index is not used. */
const MAX_RANGES = 1000;

/**
 * The index that lets us examine the fewest documents for a filter and an order, by estimate; undefined: reading
 * the whole collection is as good. `wanted`: documents after which reading in order can stop.
 */
export function choosePlan(
  indexes: readonly OrderedIndex[],
  filter: Record<string, unknown>,
  sort: Sort,
  wanted: number,
): Plan | undefined {
  const conditions = conditionsOf(filter);
  const plans = indexes.flatMap((index) => {
    const plan = index.usable ? planFor(index, conditions, sort) : undefined;
    return plan ? [{ plan, entries: plan.ranges.reduce((sum, range) => sum + index.size(range), 0) }] : [];
  });
  const mostMatches = Math.min(...plans.map(({ entries }) => entries));
  let best: { plan: Plan; cost: number } | undefined;
  for (const { plan, entries } of plans) {
    const entriesPerMatch = entries / Math.max(1, mostMatches);
    const stopsEarly = plan.sorted && sort.length > 0;
    const cost = stopsEarly ? Math.min(entries, 2 * Math.min(wanted, entries) * entriesPerMatch) : entries;
    if (!best || cost < best.cost) best = { plan, cost };
  }
  return best?.plan;
}

function planFor(
  index: OrderedIndex,
  conditions: ReadonlyMap<string, FieldCondition>,
  sort: Sort,
): Plan | undefined {
  let keys: unknown[][] = [[]];
  let depth = 0;
  for (const { path } of index.spec.fields) {
    const values = conditions.get(path)?.equals;
    if (!values || keys.length * values.length > MAX_RANGES) break;
    keys = keys.flatMap((key) => values.map((value) => [...key, value]));
    depth++;
  }
  const next = index.spec.fields[depth];
  const range = next && rangeOf(index, next.path, conditions.get(next.path)?.range);
  const order = keys.length === 1 ? orderOf(index, sort, depth) : undefined;
  if (depth === 0 && !range && (order === undefined || sort.length === 0)) return undefined;
  return {
    index,
    ranges: keys.map((equals) => ({ equals, range })),
    reverse: order === -1,
    sorted: order !== undefined || sort.length === 0,
  };
}

/** Two elements of an array may meet one bound each: there only one bound narrows what is read. */
function rangeOf(index: OrderedIndex, path: string, range: ValueRange | undefined): ValueRange | undefined {
  if (!range?.lower || !range.upper || !index.hasArrayAt(path)) return range;
  return { rank: range.rank, lower: range.lower };
}

/**
 * 1: reading forward gives the order, −1: backward does, undefined: neither.
 * @param depth number of leading fields that have one value each in the entries that are read: sorting by them changes
 *   nothing. This is not assumed of other fields with one value in the filter: an array that contains the value matches.
 */
function orderOf(index: OrderedIndex, sort: Sort, depth: number): 1 | -1 | undefined {
  if (sort.some(([path]) => index.hasArrayAt(path))) return undefined;
  const fixed = new Set(index.spec.fields.slice(0, depth).map(({ path }) => path));
  const open = sort.filter(([path]) => !fixed.has(path));
  let order: 1 | -1 | undefined;
  for (const [i, [path, direction]] of open.entries()) {
    const field = index.spec.fields[depth + i];
    if (field?.path !== path) return undefined;
    const turn = field.direction === direction ? 1 : -1;
    if (order !== undefined && turn !== order) return undefined;
    order = turn;
  }
  return order ?? 1;
}

function conditionsOf(filter: Record<string, unknown>, into = new Map<string, FieldCondition>()) {
  for (const [path, wanted] of Object.entries(filter)) {
    if (path === '$and' && Array.isArray(wanted)) {
      for (const part of wanted) if (isPlainObject(part)) conditionsOf(part, into);
    } else if (!path.startsWith('$')) {
      addConditions(path, wanted, into);
    }
  }
  return into;
}

function addConditions(path: string, wanted: unknown, into: Map<string, FieldCondition>): void {
  const known = into.get(path) ?? {};
  into.set(path, known);
  if (isScalar(wanted)) {
    known.equals = [wanted];
    return;
  }
  if (!isPlainObject(wanted)) return;
  for (const [operator, value] of Object.entries(wanted)) {
    if (operator === '$eq' && isScalar(value)) known.equals = [value];
    else if (operator === '$in' && Array.isArray(value) && value.every(isScalar))
      known.equals ??= distinct(value);
    else if (/^\$[gl]te?$/.test(operator) && isScalar(value) && value !== null)
      known.range = narrowed(known.range, operator, value);
  }
}

/** A second bound of another type is left to the filter itself. */
function narrowed(range: ValueRange | undefined, operator: string, value: unknown): ValueRange {
  const rank = typeRank(value);
  if (range && range.rank !== rank) return range;
  const bound = { value, inclusive: operator.endsWith('e') };
  const side = operator.startsWith('$g') ? 'lower' : 'upper';
  return range?.[side] ? range : { ...range, rank, [side]: bound };
}

const isScalar = (value: unknown): boolean =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value) || value instanceof Date;

const distinct = (values: readonly unknown[]): unknown[] => [
  ...new Map(
    values.map((value) => [`${typeRank(value)}:${value instanceof Date ? +value : value}`, value]),
  ).values(),
];
