/** A stored document. Documents are never changed in place: a change stores a new object. */
export interface Doc {
  readonly _id: unknown;
  readonly [field: string]: unknown;
}

export const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Position of a value's type in MongoDB's comparison order; values of different types never match a range. */
export function typeRank(value: unknown): number {
  if (value === null || value === undefined) return 1;
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 2;
    case 'string':
      return 3;
    case 'boolean':
      return 8;
  }
  if (value instanceof Date) return 9;
  if (value instanceof RegExp) return 11;
  if (Array.isArray(value)) return 5;
  return isPlainObject(value) ? 4 : 6;
}

/** Order by code point (MongoDB compares UTF-8 bytes), not by UTF-16 unit as `<` does. */
function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const surrogates = Number(isSurrogate(x)) - Number(isSurrogate(y));
    return surrogates === 0 ? x - y : surrogates;
  }
  return a.length - b.length;
}
const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** MongoDB's order of any two values: negative, 0 or positive. A missing value equals null. */
export function compareValues(a: unknown, b: unknown): number {
  const rank = typeRank(a);
  const ranks = rank - typeRank(b);
  if (ranks !== 0) return ranks;
  switch (rank) {
    case 1:
      return 0;
    case 2:
      return compareNumbers(Number(a), Number(b));
    case 3:
      return compareStrings(a as string, b as string);
    case 8:
      return Number(a) - Number(b);
    case 9:
      return compareNumbers((a as Date).getTime(), (b as Date).getTime());
    case 5:
      return compareLists(a as unknown[], b as unknown[]);
    case 4:
      return compareLists(Object.entries(a as object).flat(), Object.entries(b as object).flat());
    default:
      return compareStrings(String(a), String(b));
  }
}

/** NaN stands before all other numbers. */
function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

/** What lies at a dotted path; `multikey` where an array is met on the way or at the end. */
export function valueAt(doc: unknown, path: string): { value: unknown; multikey: boolean } {
  let value: unknown = doc;
  for (const name of path.split('.')) {
    if (Array.isArray(value)) return { value, multikey: true };
    if (!isPlainObject(value)) return { value: undefined, multikey: false };
    value = Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return { value, multikey: Array.isArray(value) };
}

export type Sort = readonly (readonly [path: string, direction: 1 | -1])[];

export function sorter(sort: Sort): (a: Doc, b: Doc) => number {
  return (a, b) => {
    for (const [path, direction] of sort) {
      const order = compareValues(valueAt(a, path).value, valueAt(b, path).value);
      if (order !== 0) return order * direction;
    }
    return 0;
  };
}
