import { toEjson } from './ejson.ts';
import { type IndexSpec, OrderedIndex } from './ordered-index.ts';
import type { Doc } from './values.ts';

const ID_INDEX: IndexSpec = { name: '_id_', unique: true, fields: [{ path: '_id', direction: 1 }] };

/** Ids are strings as a rule; others are kept apart from strings that look like them. */
export const idKey = (id: unknown): string => (typeof id === 'string' ? id : `\u0000${toEjson(id)}`);

interface Past {
  /** The commit that replaced `before`. */
  at: number;
  before: Doc | undefined;
}

/** The committed documents of one collection, its indexes, and as much of its past as open snapshots can see. */
export class Collection {
  readonly name: string;
  readonly indexes: readonly OrderedIndex[];
  #docs = new Map<string, Doc>();
  #past = new Map<string, Past[]>();

  constructor(name: string, indexes: readonly IndexSpec[] = []) {
    this.name = name;
    this.indexes = [ID_INDEX, ...indexes].map((spec) => new OrderedIndex(spec));
  }

  /** Fills an empty collection. @throws where documents break a unique index. */
  load(docs: Map<string, Doc>): void {
    this.#docs = docs;
    for (const index of this.indexes) {
      index.load(docs);
      const twice = index.spec.unique ? index.duplicate() : undefined;
      if (twice)
        throw new Error(
          `${this.name}: ${twice.join(' and ')} have the same key in unique index ${index.spec.name}`,
        );
    }
  }

  docs(): IterableIterator<Doc> {
    return this.#docs.values();
  }

  entries(): IterableIterator<[string, Doc]> {
    return this.#docs.entries();
  }

  keys(): IterableIterator<string> {
    return this.#docs.keys();
  }

  /** The document as of commit `snapshot`; without one, as it is now. */
  get(key: string, snapshot = Number.POSITIVE_INFINITY): Doc | undefined {
    const past = this.#past.get(key)?.find(({ at }) => at > snapshot);
    return past ? past.before : this.#docs.get(key);
  }

  changedSince(key: string, snapshot: number): boolean {
    return this.#past.get(key)?.some(({ at }) => at > snapshot) ?? false;
  }

  keysChangedSince(snapshot: number): string[] {
    return [...this.#past.keys()].filter((key) => this.changedSince(key, snapshot));
  }

  /** Applies a committed change. `keepPast`: somebody still reads an older snapshot. */
  apply(key: string, doc: Doc | null, at: number, keepPast: boolean): void {
    const before = this.#docs.get(key);
    if (keepPast) {
      const past = this.#past.get(key) ?? [];
      past.push({ at, before });
      this.#past.set(key, past);
    }
    for (const index of this.indexes) {
      if (before) index.remove(key, before);
      if (doc) index.add(key, doc);
    }
    if (doc) this.#docs.set(key, doc);
    else this.#docs.delete(key);
  }

  forgetPast(): void {
    this.#past.clear();
  }
}
