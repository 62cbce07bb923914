import { compareValues, type Doc, typeRank, valueAt } from './values.ts';

/** `direction` as in cloudbaserc.json. */
export interface IndexSpec {
  name: string;
  unique: boolean;
  fields: readonly { path: string; direction: 1 | -1 }[];
}

interface Bound {
  value: unknown;
  inclusive: boolean;
}

/** Values of one type between two bounds. */
export interface ValueRange {
  rank: number;
  lower?: Bound;
  upper?: Bound;
}

/** Entries whose first fields equal `equals`, and whose next field lies in `range`. */
export interface KeyRange {
  equals: readonly unknown[];
  range?: ValueRange | undefined;
}

interface Entry {
  key: readonly unknown[];
  id: string;
}

/** What a document has in an index. */
interface DocumentKeys {
  /** One; for a document with an array on an indexed path, one for each of its elements (MongoDB: a multikey index). */
  keys: readonly (readonly unknown[])[];
  /** The path of that array. */
  array?: string;
  /** It would need more than this: an array in a nested field or in two fields. */
  incomplete?: boolean;
}

/**
 * One index of a collection: entries in index order, found by binary search. While there is a document that would need other entries
 * than it has, `usable` is false and queries do not use the index.
 */
export class OrderedIndex {
  readonly spec: IndexSpec;
  #entries: Entry[] = [];
  /** Number of documents with an array, by path. */
  readonly #arrays = new Map<string, number>();
  #incompleteDocuments = 0;

  constructor(spec: IndexSpec) {
    this.spec = spec;
  }

  get usable(): boolean {
    return this.#incompleteDocuments === 0;
  }

  /** Whether a scan may give a document more than once. */
  get hasArrays(): boolean {
    return this.#arrays.size > 0;
  }

  /** Whether some document has an array at this path. */
  hasArrayAt(path: string): boolean {
    return this.#arrays.has(path);
  }

  keyOf(doc: Doc): readonly unknown[] {
    return this.spec.fields.map(({ path }) => valueAt(doc, path).value ?? null);
  }

  /** Fills an empty index. */
  load(docs: Iterable<readonly [id: string, doc: Doc]>): void {
    for (const [id, doc] of docs) {
      const found = this.#keysOf(doc);
      for (const key of found.keys) this.#entries.push({ key, id });
      this.#count(found, 1);
    }
    this.#entries.sort((a, b) => this.#compare(a, b));
  }

  add(id: string, doc: Doc): void {
    const found = this.#keysOf(doc);
    for (const key of found.keys) {
      const entry = { key, id };
      this.#entries.splice(
        this.#search((other) => this.#compare(other, entry) >= 0),
        0,
        entry,
      );
    }
    this.#count(found, 1);
  }

  remove(id: string, doc: Doc): void {
    const found = this.#keysOf(doc);
    for (const key of found.keys) {
      const entry = { key, id };
      const at = this.#search((other) => this.#compare(other, entry) >= 0);
      if (this.#entries[at]?.id === id) this.#entries.splice(at, 1);
    }
    this.#count(found, -1);
  }

  /** Puts a changed document in its new places; where its keys are the same nothing is moved. */
  replace(id: string, before: Doc, after: Doc): void {
    if (compareValues(this.keyOf(before), this.keyOf(after)) === 0) return;
    this.remove(id, before);
    this.add(id, after);
  }

  /** Ids of the documents with exactly this key. */
  holders(key: readonly unknown[]): string[] {
    return [...this.scan({ equals: key }, false)];
  }

  /** The ids of two documents with the same key, if there are any. */
  duplicate(): [string, string] | undefined {
    for (const [i, entry] of this.#entries.entries()) {
      const next = this.#entries[i + 1];
      if (next && entry.key.every((value, field) => compareValues(value, next.key[field]) === 0))
        return [entry.id, next.id];
    }
    return undefined;
  }

  size(range: KeyRange): number {
    const [from, to] = this.#span(range);
    return to - from;
  }

  /** Ids in index order, or from the end. Nothing may be written while it is read. */
  *scan(range: KeyRange, reverse: boolean): Generator<string> {
    const [from, to] = this.#span(range);
    for (let i = 0; i < to - from; i++) {
      const entry = this.#entries[reverse ? to - 1 - i : from + i];
      if (entry) yield entry.id;
    }
  }

  #span(range: KeyRange): [from: number, to: number] {
    return [
      this.#search((entry) => this.#side(entry, range) >= 0),
      this.#search((entry) => this.#side(entry, range) > 0),
    ];
  }

  /** −1, 0, 1: the entry stands before, in, after the range, in index order. */
  #side(entry: Entry, { equals, range }: KeyRange): number {
    for (const [i, value] of equals.entries()) {
      const order = compareValues(entry.key[i], value) * this.#direction(i);
      if (order !== 0) return order;
    }
    return range ? sideOf(entry.key[equals.length], range) * this.#direction(equals.length) : 0;
  }

  #compare(a: Entry, b: Entry): number {
    for (const [i, value] of a.key.entries()) {
      const order = compareValues(value, b.key[i]) * this.#direction(i);
      if (order !== 0) return order;
    }
    return compareValues(a.id, b.id);
  }

  #direction(field: number): 1 | -1 {
    return this.spec.fields[field]?.direction ?? 1;
  }

  /** The first position where `reached` holds; it must hold for all positions after that. */
  #search(reached: (entry: Entry) => boolean): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (reached(this.#entries[middle] as Entry)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #keysOf(doc: Doc): DocumentKeys {
    const key = this.keyOf(doc);
    const arrays = this.spec.fields.filter(({ path }) => valueAt(doc, path).multikey);
    const [first] = arrays;
    if (!first) return { keys: [key] };
    // a unique index takes an array for one value
    if (arrays.length > 1 || first.path.includes('.') || this.spec.unique)
      return { keys: [key], incomplete: true };
    const at = this.spec.fields.indexOf(first);
    const elements = distinct(key[at] as readonly unknown[]);
    const keys = (elements.length > 0 ? elements : [null]).map((element) =>
      key.map((value, field) => (field === at ? (element ?? null) : value)),
    );
    return { keys, array: first.path };
  }

  #count({ array, incomplete }: DocumentKeys, change: 1 | -1): void {
    if (incomplete) this.#incompleteDocuments += change;
    if (array === undefined) return;
    const documents = (this.#arrays.get(array) ?? 0) + change;
    if (documents > 0) this.#arrays.set(array, documents);
    else this.#arrays.delete(array);
  }
}

const distinct = (values: readonly unknown[]): unknown[] =>
  values.filter((value, at) => !values.slice(0, at).some((other) => compareValues(value, other) === 0));

function sideOf(value: unknown, { rank, lower, upper }: ValueRange): number {
  const ranks = typeRank(value) - rank;
  if (ranks !== 0) return ranks;
  if (lower) {
    const order = compareValues(value, lower.value);
    if (order < 0 || (order === 0 && !lower.inclusive)) return -1;
  }
  if (upper) {
    const order = compareValues(value, upper.value);
    if (order > 0 || (order === 0 && !upper.inclusive)) return 1;
  }
  return 0;
}
