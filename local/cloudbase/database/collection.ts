import { toEjson } from './ejson.ts';
import { type IndexSpec, OrderedIndex } from './ordered-index.ts';
import type { Doc } from './values.ts';

const ID_INDEX: IndexSpec = { name: '_id_', unique: true, fields: [{ path: '_id', direction: 1 }] };

/** The key of a document by its id: a string as it is; another type with a prefix, so that 1 and '1' differ. */
export const idKey = (id: unknown): string => (typeof id === 'string' ? id : `\u0000${toEjson(id)}`);

/** An earlier state of a document. */
interface Version {
  /** Number of the commit that replaced it. */
  replacedAt: number;
  /** undefined: the document did not exist. */
  doc: Doc | undefined;
}

/** The committed documents of one collection, its indexes, and the earlier versions that open snapshots can see. */
export class Collection {
  readonly name: string;
  readonly indexes: readonly OrderedIndex[];
  #docs = new Map<string, Doc>();
  #versions = new Map<string, Version[]>();

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
    const version = this.#versions.get(key)?.find(({ replacedAt }) => replacedAt > snapshot);
    return version ? version.doc : this.#docs.get(key);
  }

  changedSince(key: string, snapshot: number): boolean {
    return this.#versions.get(key)?.some(({ replacedAt }) => replacedAt > snapshot) ?? false;
  }

  keysChangedSince(snapshot: number): string[] {
    return [...this.#versions.keys()].filter((key) => this.changedSince(key, snapshot));
  }

  /**
   * Applies a committed change.
   * @param doc null: removed
   * @param commit its number
   * @param keepVersions a snapshot of an earlier commit is open
   */
  apply(key: string, doc: Doc | null, commit: number, keepVersions: boolean): void {
    const before = this.#docs.get(key);
    if (keepVersions) {
      const versions = this.#versions.get(key) ?? [];
      versions.push({ replacedAt: commit, doc: before });
      this.#versions.set(key, versions);
    }
    for (const index of this.indexes) {
      if (before && doc) index.replace(key, before, doc);
      else if (before) index.remove(key, before);
      else if (doc) index.add(key, doc);
    }
    if (doc) this.#docs.set(key, doc);
    else this.#docs.delete(key);
  }

  dropVersions(): void {
    this.#versions.clear();
  }
}
