import { duplicateKey, transactionConflict } from '../errors.ts';
import { type Collection, idKey } from './collection.ts';
import { toEjson } from './ejson.ts';
import type { Locks } from './locks.ts';
import type { OrderedIndex } from './ordered-index.ts';
import type { Doc } from './values.ts';

/** Changed documents by collection and id; null: removed. */
export type Changes = Map<string, Map<string, Doc | null>>;

/**
 * A unit of work: reads what is committed (a transaction: as of its first operation) plus its own changes, and
 * collects changes that are committed together. A write takes locks on the document and on the values of unique
 * indexes that it takes or frees. Where another transaction holds them, plain writes get `DocumentLocked`, transactions a
 * conflict.
 */
export class UnitOfWork {
  readonly changes: Changes = new Map();
  readonly owner: string | undefined;
  readonly #locks: Locks;
  readonly #snapshot: number | undefined;

  /** `owner`: the transaction's id, with the commit that its snapshot shows. */
  constructor(locks: Locks, owner?: string, snapshot?: number) {
    this.#locks = locks;
    this.owner = owner;
    this.#snapshot = snapshot;
  }

  get(collection: Collection, key: string): Doc | undefined {
    const own = this.changes.get(collection.name)?.get(key);
    return own === undefined ? collection.get(key, this.#snapshot) : (own ?? undefined);
  }

  /** Keys of documents that are not, in this unit, as the indexes say: those show what is committed now. */
  unindexedKeys(collection: Collection): Set<string> {
    const keys = new Set(this.changes.get(collection.name)?.keys());
    if (this.#snapshot !== undefined)
      for (const key of collection.keysChangedSince(this.#snapshot)) keys.add(key);
    return keys;
  }

  insert(collection: Collection, doc: Doc): void {
    const key = idKey(doc._id);
    this.#lockDocument(collection, key);
    if (this.get(collection, key))
      throw duplicateKey(collection.name, '_id_', `{ _id: ${JSON.stringify(doc._id)} }`);
    this.#store(collection, key, undefined, doc);
  }

  replace(collection: Collection, before: Doc, after: Doc): void {
    const key = idKey(before._id);
    this.#lockDocument(collection, key);
    this.#store(collection, key, before, after);
  }

  remove(collection: Collection, doc: Doc): void {
    const key = idKey(doc._id);
    this.#lockDocument(collection, key);
    this.#store(collection, key, doc, null);
  }

  #lockDocument(collection: Collection, key: string): void {
    this.#locks.acquire(`${collection.name}\n${key}`, this.owner);
    if (this.#snapshot !== undefined && collection.changedSince(key, this.#snapshot))
      throw transactionConflict();
  }

  #store(collection: Collection, key: string, before: Doc | undefined, after: Doc | null): void {
    for (const index of collection.indexes.slice(1)) {
      if (!index.spec.unique) continue;
      const freed = before && toEjson(index.keyOf(before));
      const taken = after && toEjson(index.keyOf(after));
      if (freed === taken) continue;
      if (freed) this.#locks.acquire(`${collection.name}\n${index.spec.name}\n${freed}`, this.owner);
      if (!after || !taken) continue;
      this.#locks.acquire(`${collection.name}\n${index.spec.name}\n${taken}`, this.owner);
      this.#refuseDuplicate(collection, index, key, after);
    }
    const changes = this.changes.get(collection.name) ?? new Map<string, Doc | null>();
    this.changes.set(collection.name, changes.set(key, after));
  }

  #refuseDuplicate(collection: Collection, index: OrderedIndex, key: string, doc: Doc): void {
    const wanted = index.keyOf(doc);
    const own = this.changes.get(collection.name);
    const text = toEjson(wanted);
    for (const [other, change] of own ?? [])
      if (other !== key && change && toEjson(index.keyOf(change)) === text)
        throw this.#duplicate(collection, index, doc);
    for (const other of index.holders(wanted)) {
      if (other === key || own?.has(other)) continue;
      if (this.#snapshot !== undefined && collection.changedSince(other, this.#snapshot))
        throw transactionConflict();
      throw this.#duplicate(collection, index, doc);
    }
  }

  #duplicate(collection: Collection, index: OrderedIndex, doc: Doc): Error {
    const key = index.keyOf(doc);
    const fields = index.spec.fields.map(({ path }, i) => `${path}: ${JSON.stringify(key[i])}`);
    return duplicateKey(collection.name, index.spec.name, `{ ${fields.join(', ')} }`);
  }
}
